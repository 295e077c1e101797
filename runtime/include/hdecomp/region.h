/// Part of a photograph, and what it is filled with: what the network says without it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"

namespace hdecomp {

/// Pixels of a photograph.
struct PhotoBox {
  int64_t x = 0, y = 0, width = 0, height = 0;

  bool operator==(const PhotoBox&) const = default;
};

/// Whether a box has pixels and all of them are the photograph's.
HDECOMP_API bool is_inside(const PhotoBox& box, const Image& photo);

/// A set of a photograph's pixels.
struct HDECOMP_API PhotoRegion {
  PhotoBox box;               // the smallest that holds them
  std::vector<uint8_t> mask;  // (height, width) of the box: 1 where a pixel is in; empty: all are

  int64_t pixels() const;
  bool holds(int64_t x, int64_t y) const;
};

/// What pixels become: 128 in each colour; what a blurred photograph has there; the mean colour of
/// the photograph.
enum class RegionFill { grey, blur, mean };
inline constexpr const char* region_fills[] = {"grey", "blur", "mean"};

/// What of a tree's node is its region: where A is high, or the receptive field of its peak.
enum class EvidencePart { mask, field };
inline constexpr const char* evidence_parts[] = {"mask", "field"};

/// The smallest box of a photograph's pixels that holds all that the network sees of it.
HDECOMP_API PhotoBox seen_of(const Image& photo, const Preprocess& rule);

/// The smallest box of a photograph's pixels that holds (y, x, height, width) of the network's
/// input, which is inside it and not empty.
HDECOMP_API PhotoBox box_of_input(const Image& photo, const Preprocess& rule, int64_t y, int64_t x,
                                  int64_t height, int64_t width);

/// The pixels that the marked cells of a (height, width) map lie over, as pictures of maps do: the
/// map is spread over the network's input, a pixel has the cell that its centre lies in. Empty, of
/// an empty box, where no pixel has one.
HDECOMP_API PhotoRegion region_of_cells(const Image& photo, const Preprocess& rule,
                                        std::span<const uint8_t> cells, int64_t height,
                                        int64_t width);

/// The pixels that are marked in (height, width) of a photograph. Throws UserError for another size
/// than the photograph's, and where none is marked.
HDECOMP_API PhotoRegion region_of_mask(const Image& photo, std::span<const uint8_t> mask,
                                       int64_t height, int64_t width);

/// A region's pixels inside a box.
HDECOMP_API PhotoRegion part_inside(const PhotoRegion& region, const PhotoBox& box);

/// Fills regions of one photograph, which must outlive it; what depends on the photograph alone is
/// computed once.
class HDECOMP_API PixelFiller {
 public:
  PixelFiller(const Image& photo, RegionFill fill);

  /// The photograph with a region filled, 8 bits a sample as it is; its own planes, where it has
  /// them, get the same colours. Throws UserError for a region that is not inside.
  Image filled(const PhotoRegion& region) const;
  const Image& photo() const { return photo_; }

 private:
  const Image& photo_;
  RegionFill fill_;
  std::vector<uint8_t> blurred_;        // as photo.rgb
  std::array<uint8_t, 3> colour_ = {};  // of the other fills
};

/// `count` boxes of a size at places of chance inside `within`, which they fit into; by the seed
/// and the photograph's pixels.
HDECOMP_API std::vector<PhotoBox> random_boxes(const Image& photo, const PhotoBox& within,
                                               int64_t width, int64_t height, int count,
                                               uint64_t seed);

}  // namespace hdecomp
