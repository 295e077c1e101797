/// Of a model's first touch, half is the kernel clearing new pages, which each core does for its
/// pieces.
#include "weights/file/parallel_read.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>

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

void keep_least(std::atomic<int64_t>& least, int64_t value) {
  int64_t before = least;
  while (value < before && !least.compare_exchange_weak(before, value)) {
  }
}

}  // namespace

int64_t read_floats(int file, int64_t offset, std::span<float> to) {
  const auto n = static_cast<int64_t>(to.size());
  std::atomic<int> fault = 0;
  std::atomic<int64_t> bad = std::numeric_limits<int64_t>::max();
  choose_waiting();
#pragma omp parallel for schedule(dynamic) if (n > piece)
  for (int64_t begin = 0; begin < n; begin += piece) {
    const std::span<float> part = to.subspan(begin, std::min(piece, n - begin));
    const int said = read_whole(file, offset + begin * int64_t{sizeof(float)}, part);
    if (said != 0) {
      fault = said;
    } else if (const int64_t at = first_not_finite(part); at >= 0) {
      keep_least(bad, begin + at);
    }
  }
  if (fault == cut_short) throw UserError("cut short");
  if (fault != 0) throw UserError(std::strerror(fault));
  return bad == std::numeric_limits<int64_t>::max() ? -1 : bad.load();
}

}  // namespace hdecomp
