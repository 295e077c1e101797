/// A saliency map's numbers as JSON.
#include "tools/page/saliency_json.h"

namespace hdecomp::tools {

void put_saliency(JsonWriter& json, const SaliencyMap& map) {
  json.field("method", to_string(map.method));
  json.field("layer", map.layer);
  json.field("channels", map.channels);
  json.field("height", map.height);
  json.field("width", map.width);
  json.field("ms", map.ms);
  if (map.method == SaliencyMethod::integrated_gradients) {
    json.field("sum", map.completeness.sum);
    json.field("difference", map.completeness.difference);
  }
  if (map.method == SaliencyMethod::gap) {
    json.field("leaves", map.leaves);
    json.field("paths", map.paths);
  }
}

}  // namespace hdecomp::tools
