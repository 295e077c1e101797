/// The images of a list that cannot be worked on: each told of at once, counted at the end.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/images/image_list.h"

namespace hdecomp::tools {

/// Says on stderr why the image is skipped, with its path where `why` does not name it.
void complain_of(const ListedImage& image, const std::string& why);

class SkippedImages {
 public:
  /// complain_of(), and kept for what follows.
  void add(const ListedImage& image, const std::string& why);
  /// [{"image": as listed, "error": why}, ...]
  nlohmann::ordered_json to_json() const;
  /// Throws UserError with the numbers if any image was skipped beside the `done` ones.
  void finish(size_t done) const;

 private:
  struct Skipped {
    std::string image, why;
  };
  std::vector<Skipped> skipped_;
};

}  // namespace hdecomp::tools
