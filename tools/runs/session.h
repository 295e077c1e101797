/// What every verb that runs a model begins with: the model loaded, the explainer planned, both
/// timed.
#pragma once

#include <string>
#include <string_view>

#include "hdecomp/hdecomp.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// The file that --model names by its path, or by a bundled model's name if no file is called so;
/// without --model the first bundled one.
std::string model_file(const CommonOptions& options);
/// Its file_sha256(), for which a process reads a file of that path once: hundreds of megabytes.
std::string model_sha256(const CommonOptions& options);
/// With --versus the network whose decision is the difference.
Model load_model(const CommonOptions& options, ModelMemory memory = ModelMemory::own);

/// The class to explain where `target` was asked for: itself, or with --versus the difference of
/// it and the other, which load_model() then makes.
std::string take_versus(const std::string& target, CommonOptions& common);
inline constexpr std::string_view of_class = "class:";  // before NAME in a --from
/// The same of "class:NAME". Throws UserError where --versus is given beside a feature.
std::string from_versus(const std::string& from, CommonOptions& common);

/// An explainer and the milliseconds that loading and planning took.
struct Session {
  Explainer explainer;
  double load_ms;
};
/// `batch`: most images at a time; `images`: how many come, as far as is known.
Session start(const CommonOptions& options, int batch = 1, size_t images = 1);

/// What --device says; without it what is used.
std::string device_of(const CommonOptions& options);

/// How many images go together: what --batch says (0: what suits the device), and no more than
/// there are.
int batch_for(const CommonOptions& options, int batch, size_t images);

/// What --threads says; 0: one for every core.
int threads_of(const CommonOptions& common);

/// As tools/output/photo_run.h has it.
Decoders decoders_for(const CommonOptions& common);

/// What `work` returns; what is wrong with the image gets its file's name before it.
template <class Work>
auto naming(const std::string& image, Work work) {
  try {
    return work();
  } catch (const ImageError& fault) {
    throw UserError(joined(image, ": ", fault.what()));
  }
}

/// A whole number, or `all` for the word "all". Throws UserError that names the flag.
int count_or_all(const std::string& flag, const std::string& value, int all);

}  // namespace hdecomp::tools
