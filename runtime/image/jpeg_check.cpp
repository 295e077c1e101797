/// The walk over a JPEG file's segments: its tables, frame header and scans, up to the end-of-image
/// marker.
#include <algorithm>
#include <array>
#include <numeric>

#include "hdecomp/error.h"
#include "runtime/image/image_formats.h"

namespace hdecomp {
namespace {

// Markers: the byte after 0xFF.
constexpr int start_of_frame_baseline = 0xC0, start_of_frame_progressive = 0xC2;
constexpr int define_huffman = 0xC4, jpeg_extension = 0xC8, define_arithmetic = 0xCC;
constexpr int start_of_frame_last = 0xCF;
constexpr int restart_first = 0xD0, restart_last = 0xD7, start_of_image = 0xD8, end_of_image = 0xD9;
constexpr int start_of_scan = 0xDA, define_quantisation = 0xDB;
// Real progressive files have about ten scans; each costs a pass over the whole picture.
constexpr int max_scans = 100;

struct Component {
  uint32_t id;
  uint32_t quantisation_table;
};

class JpegWalk {
 public:
  explicit JpegWalk(const ImageFile& file) : file_(file) {}

  PixelSize run() {
    for (int marker = next_marker(); marker != end_of_image; marker = next_marker()) {
      if (marker < start_of_frame_baseline ||
          (marker >= restart_first && marker <= start_of_image)) {
        corrupt("a marker in the wrong place");
      }
      const size_t length = file_.big_endian(offset_, 2);
      if (length < 2) corrupt("a segment without room for its own length");
      file_.need(offset_, length);
      const size_t begin = offset_ + 2;
      offset_ += length;
      read_segment(marker, begin, offset_);
      if (marker == start_of_scan) skip_entropy_coded_data();
    }
    if (scans_ == 0) corrupt("no picture data");
    return size_;
  }

 private:
  [[noreturn]] void corrupt(const char* why) const { file_.fail(joined("corrupt JPEG: ", why)); }

  /// Skips padding, as decoders do, and returns the next marker.
  int next_marker() {
    while (file_.byte(offset_) != 0xFF) ++offset_;
    while (file_.byte(offset_) == 0xFF) ++offset_;
    return file_.byte(offset_++);
  }

  void read_segment(int marker, size_t begin, size_t end) {
    if (marker == define_huffman) {
      read_huffman_tables(begin, end);
    } else if (marker == define_quantisation) {
      read_quantisation_tables(begin, end);
    } else if (marker == start_of_scan) {
      read_scan_header(begin, end);
    } else if (marker <= start_of_frame_last && marker != jpeg_extension &&
               marker != define_arithmetic) {
      read_frame_header(marker, begin, end);
    }
  }

  void read_huffman_tables(size_t begin, size_t end) {
    while (begin < end) {
      const uint32_t kind = file_.byte(begin);  // upper half: 0 DC, 1 AC; lower half: which of four
      if ((kind >> 4) > 1 || (kind & 15) > 3 || end - begin < 17) corrupt("a bad Huffman table");
      const auto counts = file_.bytes().subspan(begin + 1, 16);
      const uint32_t symbols = std::accumulate(counts.begin(), counts.end(), 0u);
      if (symbols > 256 || end - begin - 17 < symbols) corrupt("a bad Huffman table");
      huffman_[kind >> 4][kind & 15] = true;
      begin += 17 + symbols;
    }
  }

  void read_quantisation_tables(size_t begin, size_t end) {
    while (begin < end) {
      const uint32_t kind = file_.byte(begin);  // upper half: 0 for 8 bits, 1 for 16
      const size_t length = (kind >> 4) == 0 ? 65 : 129;
      if ((kind >> 4) > 1 || (kind & 15) > 3 || end - begin < length) {
        corrupt("a bad quantisation table");
      }
      quantisation_[kind & 15] = true;
      begin += length;
    }
  }

  void read_frame_header(int marker, size_t begin, size_t end) {
    if (marker > start_of_frame_progressive) {
      file_.fail("a lossless or arithmetic-coded JPEG; baseline and progressive ones can be read");
    }
    if (component_count_ != 0) corrupt("a second frame");
    if (end - begin < 6) corrupt("a bad frame header");
    if (file_.byte(begin) != 8) file_.fail("a JPEG of more than 8 bits a sample; 8 can be read");
    size_ = {file_.big_endian(begin + 1, 2), file_.big_endian(begin + 3, 2)};
    file_.check(size_);
    const size_t count = file_.byte(begin + 5);
    if (count < 1 || count > components_.size() || end - begin != 6 + 3 * count) {
      corrupt("a bad frame header");
    }
    for (size_t i = 0; i < count; ++i) {
      components_[i] = {file_.byte(begin + 6 + 3 * i), file_.byte(begin + 8 + 3 * i)};
      if (components_[i].quantisation_table > 3) corrupt("a bad frame header");
    }
    component_count_ = count;
    progressive_ = marker == start_of_frame_progressive;
  }

  void read_scan_header(size_t begin, size_t end) {
    if (component_count_ == 0) corrupt("picture data before the frame header");
    if (++scans_ > max_scans) corrupt("too many scans");
    const size_t count = file_.byte(begin);
    if (count < 1 || count > component_count_ || end - begin != 4 + 2 * count) {
      corrupt("a bad scan header");
    }
    const uint32_t first_coefficient = file_.byte(begin + 1 + 2 * count);
    const bool needs_dc = !progressive_ || first_coefficient == 0;
    const bool needs_ac = !progressive_ || first_coefficient != 0;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t id = file_.byte(begin + 1 + 2 * i), tables = file_.byte(begin + 2 + 2 * i);
      const auto last = components_.begin() + static_cast<ptrdiff_t>(component_count_);
      const auto component =
          std::find_if(components_.begin(), last, [&](const Component& c) { return c.id == id; });
      if (component == last || (tables >> 4) > 3 || (tables & 15) > 3) corrupt("a bad scan header");
      if ((needs_dc && !huffman_[0][tables >> 4]) || (needs_ac && !huffman_[1][tables & 15]) ||
          !quantisation_[component->quantisation_table]) {
        corrupt("a table is missing");
      }
    }
  }

  /// Moves to the next marker that is neither a stuffed 0xFF byte nor a restart.
  void skip_entropy_coded_data() {
    const auto bytes = file_.bytes();
    for (;; ++offset_) {
      const auto found =
          std::find(bytes.begin() + static_cast<ptrdiff_t>(offset_), bytes.end(), uint8_t{0xFF});
      offset_ = static_cast<size_t>(found - bytes.begin());
      file_.need(offset_, 2);
      const int marker = bytes[offset_ + 1];
      const bool restart = marker >= restart_first && marker <= restart_last;
      if (marker != 0 && marker != 0xFF && !restart) return;
    }
  }

  const ImageFile& file_;
  size_t offset_ = 2;  // after the start-of-image marker
  PixelSize size_{0, 0};
  std::array<Component, 4> components_{};
  size_t component_count_ = 0;
  bool progressive_ = false;
  int scans_ = 0;
  std::array<std::array<bool, 4>, 2> huffman_{};  // given so far: [DC or AC][table]
  std::array<bool, 4> quantisation_{};
};

}  // namespace

bool is_jpeg(const ImageFile& file) { return file.starts_with("\xFF\xD8\xFF"); }

PixelSize check_jpeg(const ImageFile& file) { return JpegWalk(file).run(); }

}  // namespace hdecomp
