/// The verb means: each channel's mean over many images.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/channel_means.h"
#include "hdecomp/stopwatch.h"
#include "tools/images/image_list.h"
#include "tools/images/turned_photos.h"
#include "tools/list_verbs.h"
#include "tools/output/output_folder.h"
#include "tools/runs/photo_pass.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {
namespace {

/// Adds up all images, telling of those that do not count.
void add_images(ChannelSums& sums, const std::vector<ListedImage>& images,
                const CommonOptions& common) {
  TurnedPhotos turned;
  go_over(images, sums.batch(), common, "images", &turned,
          [&](const PhotoBatch& batch) { return sums.add(batch.photos); });
}

void print(const ChannelSums& sums, int64_t skipped, bool json, const Timings& timings_ms) {
  const int64_t images = sums.images();
  const auto layers = std::ssize(sums.model().layers()) - 1;  // but the scores
  if (json) {
    const nlohmann::ordered_json result{
        {"images", images}, {"skipped", skipped}, {"layers", layers}, {"timings_ms", timings_ms}};
    std::printf("%s\n", result.dump().c_str());
    return;
  }
  std::printf("means of %lld layers over %lld images, %lld skipped\n",
              static_cast<long long>(layers), static_cast<long long>(images),
              static_cast<long long>(skipped));
}

}  // namespace

void means(const MeansCommandOptions& options) {
  const std::string model = model_file(options.common);
  check_output(options.output, {&model, 1});
  const Stopwatch watch;
  std::vector<ListedImage> images = list_images(options.images);
  keep_some(options.images, options.limit, images);
  const CommonOptions& common = options.common;
  ChannelSums sums(load_model(common),
                   {common.device, common.threads, batch_for(common, options.batch, images.size()),
                    common.precision});
  const std::string sha256 = model_sha256(common);
  Timings timings_ms{{"load", watch.ms()}};
  const Stopwatch work;
  add_images(sums, images, common);
  timings_ms["run"] = work.ms();
  if (sums.images() == 0) {
    throw UserError("not one of the images could be counted, for the reasons above");
  }
  sums.save(options.output, sha256);
  print(sums, std::ssize(images) - sums.images(), common.json, timings_ms);
  if (!common.json) std::printf("wrote %s\n", options.output.c_str());
}

}  // namespace hdecomp::tools
