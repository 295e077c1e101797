/// What the tests of the verbs over many images share.
#pragma once

#include <filesystem>

#include "hdecomp/image.h"
#include "tests/support/image_bytes.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp::command_testing {

/// Writes a PNG photograph and its grey segmentation of 8 bits as they are when the camera was
/// upside down, and in the photograph a tag that says so.
inline void store_upside_down(const std::string& photo, const std::string& labels) {
  using namespace file_testing;
  for (const bool is_photo : {true, false}) {
    const std::string& path = is_photo ? photo : labels;
    const Image image = Image::load(path);
    const int64_t row = image.width * Image::channels, channels = is_photo ? Image::channels : 1;
    Bytes rows;
    for (int64_t at = std::ssize(image.rgb); at > 0; at -= Image::channels) {
      if (at % row == 0) rows.push_back(0);  // no filter
      const uint8_t* pixel = image.rgb.data() + at - Image::channels;
      rows.insert(rows.end(), pixel, pixel + channels);
    }
    write_bytes(path, png(static_cast<uint32_t>(image.width), static_cast<uint32_t>(image.height),
                          8, is_photo ? 2 : 0, rows,
                          is_photo ? png_chunk("eXIf", orientation_tag(3)) : Bytes()));
  }
}

class Experiments : public CommandErrors {
 protected:
  /// The verb over images, in a list, of the bundled photographs; on the CPU, where results are
  /// the same bytes in any batches.
  Args over(const std::string& verb, const Args& names, const Args& more = {}) const {
    std::string lines;
    for (const std::string& name : names) lines += name + "\n";
    write_text(file("list.txt"), lines);
    Args args{verb, "--list", file("list.txt"), "--root", photo(""), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return with_small_model(std::move(args));
  }

  /// A row of the command's table by its first cell.
  static Args row(const Json& json, const std::string& name) {
    for (const Json& row : json["rows"]) {
      if (row[0] == name) return row.get<Args>();
    }
    ADD_FAILURE() << "no row " << name;
    return {};
  }
};

/// A folder of photographs, which a test fills, and one of their segmentations, with names.
class SegmentedPhotos : public Experiments {
 protected:
  explicit SegmentedPhotos(const std::string& label_names) {
    for (const char* folder : {"photos", "regions"}) {
      std::filesystem::create_directory(file(folder));
    }
    write_text(file("names.txt"), label_names);
  }

  /// The verb over them, on the CPU.
  Args over_regions(const std::string& verb, const Args& more, const std::string& output) const {
    Args args{verb,
              file("photos"),
              "--regions",
              file("regions"),
              "--region-names",
              file("names.txt"),
              "--device",
              "cpu",
              "-o",
              file(output)};
    args.insert(args.end(), more.begin(), more.end());
    return with_small_model(std::move(args));
  }
};

}  // namespace hdecomp::command_testing
