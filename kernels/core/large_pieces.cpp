/// Parts of pieces of 16 MiB.
#include "kernels/core/large_pieces.h"

#include <utility>

#include "kernels/loops/pieces.h"

namespace hdecomp {

std::shared_ptr<void> LargePieces::take(int64_t bytes) {
  constexpr int64_t line = 64, whole = int64_t{16} << 20;
  const int64_t wanted = in_whole(bytes, line);
  std::shared_ptr<void> piece = piece_.lock();
  if (!piece || wanted > free_bytes_) {
    const bool alone = wanted >= whole / 2;  // so that the rest of the piece at hand is kept
    piece = allocate({}, alone ? wanted : whole);
    if (alone) return piece;
    piece_ = piece;
    free_ = static_cast<char*>(piece.get());
    free_bytes_ = whole;
  }
  free_bytes_ -= wanted;
  return {std::move(piece), std::exchange(free_, free_ + wanted)};
}

}  // namespace hdecomp
