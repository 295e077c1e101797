/// What the tests of channel means share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hdecomp/channel_means.h"
#include "runtime/ablation/means_file.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/temporary_files.h"
#include "weights/model/model_file.h"

namespace hdecomp::testing_models {

inline std::vector<Image> three_photos() {
  return bundled_photos({"chelsea.jpg", "portrait.jpg", "coffee.jpg"});
}

/// Means unlike any of a photograph: channel k of every layer has 0.1 + 0.01 k.
inline MeansFile made_up_means(const Graph& graph, const std::string& model_sha256 = "00ff") {
  MeansFile content{model_sha256, 4, {}};
  for (int i = 0; i < graph.scores(); ++i) {
    std::vector<double>& layer = content.means.emplace_back();
    for (int64_t k = 0; k < graph.shapes[i].channels; ++k) {
      layer.push_back(0.1 + 0.01 * static_cast<double>(k));
    }
  }
  return content;
}

/// Those, through a file.
inline std::shared_ptr<const ChannelMeans> load_made_up_means(const Model& model) {
  const std::string path = file_testing::temporary_path("_means.h5");
  write_means(path, model.data()->graph, made_up_means(model.data()->graph));
  return ChannelMeans::load(path, model, "00ff");
}

}  // namespace hdecomp::testing_models
