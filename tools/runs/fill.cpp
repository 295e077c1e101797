/// Reads --fill, --baseline and what belongs to them.
#include "tools/runs/fill.h"

#include <filesystem>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;

namespace {

/// The means file that a flag names.
std::shared_ptr<const ChannelMeans> means_of(const char* flag, const std::string& value,
                                             const CommonOptions& common, const Model& model) {
  if (std::error_code fault; !fs::exists(value, fault)) {
    throw UserError(joined(flag, " ", value,
                           ": there is no such file; give mean, zero, or a file that hdecomp means "
                           "wrote"));
  }
  return ChannelMeans::load(value, model, model_sha256(common));
}

}  // namespace

Fill read_fill(const std::string& value, const CommonOptions& common, const Model& model) {
  if (value == "mean") return {AblationFill::mean, nullptr};
  if (value == "zero") return {AblationFill::zero, nullptr};
  return {AblationFill::data_set, means_of("--fill", value, common, model)};
}

RegionFill read_pixel_fill(const std::string& value) {
  if (value.empty()) return RegionFill::grey;
  if (const auto found = choice_in(value, region_fills)) return static_cast<RegionFill>(*found);
  throw UserError(joined("--fill ", value, ": pixels are filled with grey, blur or mean"));
}

BaselineChoice read_baseline(const std::string& value, const CommonOptions& common,
                             const Model& model) {
  if (value == "zero") return {};
  if (value == "mean") return {Baseline::mean, nullptr};
  return {Baseline::data_set, means_of("--baseline", value, common, model)};
}

std::shared_ptr<const ChannelConcepts> read_concepts(const std::string& value,
                                                     const CommonOptions& common,
                                                     const Model& model) {
  if (value.empty()) return nullptr;
  if (std::error_code fault; !fs::exists(value, fault)) {
    throw UserError(
        joined("--concepts ", value, ": there is no such file; hdecomp concepts writes it"));
  }
  return ChannelConcepts::load(value, model, model_sha256(common));
}

std::string other_fills(AblationFill fill) {
  switch (fill) {
    case AblationFill::mean:
      return "--fill zero or --fill means.h5 (hdecomp means makes the file)";
    case AblationFill::zero:
      return "--fill means.h5 (hdecomp means makes the file)";
    case AblationFill::data_set:
      return "--fill zero";
  }
  throw Error("an unknown fill");
}

}  // namespace hdecomp::tools
