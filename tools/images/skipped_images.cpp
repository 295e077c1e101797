/// Telling of skipped images.
#include "tools/images/skipped_images.h"

#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "hdecomp/experiment_files.h"
#include "tools/console/complaint.h"

namespace hdecomp::tools {

void complain_of(const ListedImage& image, const std::string& why) {
  complain(skipped_line(image.path, why));
}

void SkippedImages::add(const ListedImage& image, const std::string& why) {
  complain_of(image, why);
  skipped_.push_back({image.shown, why});
}

nlohmann::ordered_json SkippedImages::to_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Skipped& one : skipped_) list.push_back({{"image", one.image}, {"error", one.why}});
  return list;
}

void SkippedImages::finish(size_t done) const {
  if (skipped_.empty()) return;
  throw UserError(joined(skipped_.size(), " of ", done + skipped_.size(),
                         " images were skipped, for the reasons above"));
}

}  // namespace hdecomp::tools
