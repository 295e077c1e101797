/// Loading for the verbs.
#include "tools/runs/session.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>

#include "hdecomp/cores.h"
#include "hdecomp/experiment.h"
#include "hdecomp/model_file.h"
#include "hdecomp/number.h"
#include "hdecomp/stopwatch.h"
#include "tools/output/photo_run.h"

namespace hdecomp::tools {

std::string model_file(const CommonOptions& options) { return hdecomp::model_file(options.model); }

std::string model_sha256(const CommonOptions& options) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;  // by path
  const std::string path = model_file(options);
  const std::lock_guard lock(mutex);
  const auto found = known.find(path);
  return found != known.end() ? found->second
                              : known.emplace(path, file_sha256(path)).first->second;
}

Model load_model(const CommonOptions& options, ModelMemory memory) {
  // What linear layers read is a copy of half the bytes: the file's own need not be held beside it.
  const bool narrow = options.precision == "bf16" && device_of(options) == "cpu";
  Model model = Model::load(model_file(options), narrow ? ModelMemory::mapped_in_passing : memory);
  const auto& [one, other] = options.versus;
  return other.empty() ? model : model.versus(one, other);
}

std::string take_versus(const std::string& target, CommonOptions& common) {
  if (common.versus.other.empty()) return target;
  common.versus.one = target;
  return "index:0";
}

std::string from_versus(const std::string& from, CommonOptions& common) {
  if (common.versus.other.empty()) return from;
  if (!from.starts_with(of_class)) {
    throw UserError(joined("--versus: the decision is '", from, "'; give --from class:NAME"));
  }
  return std::string(of_class) + take_versus(from.substr(of_class.size()), common);
}

namespace {

/// Where a model suits so many images: of a few, its first answer counts more than the later ones.
ModelMemory memory_for(size_t images) {
  // VGG-16: 100 ms and more saved by not copying, 5 ms an image lost to small pages.
  constexpr size_t few = 16;
  return images <= few ? ModelMemory::mapped : ModelMemory::own;
}

}  // namespace

std::string device_of(const CommonOptions& options) {
  return options.device.empty() ? default_device() : options.device;
}

Session start(const CommonOptions& options, int batch, size_t images) {
  const Stopwatch watch;
  Explainer explainer(load_model(options, memory_for(images)),
                      {options.device, options.threads, batch, options.precision, images == 1});
  return {std::move(explainer), watch.ms()};
}

int batch_for(const CommonOptions& options, int batch, size_t images) {
  const int suited = device_of(options) == "cpu" ? 4 : 32;
  return std::min(batch == 0 ? suited : batch,
                  static_cast<int>(std::clamp<size_t>(images, 1, most_batch)));
}

int threads_of(const CommonOptions& common) {
  return common.threads > 0 ? common.threads : usable_cores();
}

Decoders decoders_for(const CommonOptions& common) {
  return decoders_for(device_of(common), threads_of(common));
}

int count_or_all(const std::string& flag, const std::string& value, int all) {
  if (value == "all") return all;
  const std::optional<int> count = number_in<int>(value);
  if (!count || *count < 1) {
    throw UserError(joined(flag, " ", value, ": give a whole number from 1, or all"));
  }
  return *count;
}

}  // namespace hdecomp::tools
