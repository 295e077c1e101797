/// Of a model's first touch, half is the kernel clearing new pages, which each core does for its
/// pieces.
#include "weights/file/parallel_read.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "kernels/core/waiting.h"
#include "weights/file/finite.h"

namespace hdecomp {
namespace {

/// Floats that stay in a core's own cache between reading and checking.
constexpr int64_t piece = 1 << 17;

constexpr int cut_short = -1;

/// 0, an error number, or cut_short.
int read_whole(int file, int64_t offset, std::span<float> to) {
  char* at = reinterpret_cast<char*>(to.data());
  char* const end = at + to.size_bytes();
  while (at < end) {
    const ssize_t got = pread(file, at, end - at, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0 ? errno : cut_short;
    at += got;
    offset += got;
  }
  return 0;
}

}  // namespace

int64_t read_floats(int file, int64_t offset, std::span<float> to) {
  const auto n = static_cast<int64_t>(to.size());
  const int64_t pieces = (n + piece - 1) / piece;
  std::vector<int> faults(pieces);
  std::vector<int64_t> bad(pieces, -1);
  const int threads = threads_now();
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (pieces > 1)
  for (int64_t i = 0; i < pieces; ++i) {
    const std::span<float> part = to.subspan(i * piece, std::min(piece, n - i * piece));
    faults[i] = read_whole(file, offset + i * piece * int64_t{sizeof(float)}, part);
    if (faults[i] == 0) bad[i] = first_not_finite_here(part);
  }
  for (int64_t i = 0; i < pieces; ++i) {
    if (faults[i] == cut_short) throw UserError("cut short");
    if (faults[i] != 0) throw UserError(std::strerror(faults[i]));
  }
  for (int64_t i = 0; i < pieces; ++i) {
    if (bad[i] >= 0) return i * piece + bad[i];
  }
  return -1;
}

}  // namespace hdecomp
