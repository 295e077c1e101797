/// What explain prints of many images: a line each, or parts of one JSON object.
#pragma once

#include <string>

#include "hdecomp/tree.h"
#include "tools/console/progress.h"
#include "tools/images/image_list.h"
#include "tools/images/skipped_images.h"
#include "tools/output/pictures.h"

namespace hdecomp::tools {

/// Prints results as they come, so that no tree is kept; counts the images on stderr in between.
class ExplainReport {
 public:
  ExplainReport(bool json, Pictures pictures, size_t images)
      : json_(json), pictures_(pictures), progress_("images", static_cast<int64_t>(images)) {}

  /// Several threads may make such at once.
  std::string text_of(const ListedImage& image, const Tree& tree) const;
  /// `text` is the tree's.
  void add(const Tree& tree, const std::string& text);
  void skip(const ListedImage& image, const std::string& why);
  /// Says where the index is.
  void print_written(const std::string& output_dir);
  /// Throws UserError if any image was skipped.
  void finish(double load_ms, double total_ms);

 private:
  void print(const std::string& part);

  bool json_;
  Pictures pictures_;
  size_t explained_ = 0;
  SkippedImages skipped_;
  Timings timings_ms_;
  Progress progress_;
};

}  // namespace hdecomp::tools
