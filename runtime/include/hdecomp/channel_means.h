/// ChannelMeans: every channel's mean over a data set, which ablation can fill channels with; and
/// ChannelSums, which makes the file of them (tools/RESULTS_FORMAT.md).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/engine_options.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"

namespace hdecomp {

/// A means file, read and checked. It never changes.
class HDECOMP_API ChannelMeans {
 public:
  /// Reads a file that was made with this model; `model_sha256` is file_sha256() of the model's
  /// file. Throws UserError, one line that names the file, the layer and what would be right: no
  /// means file, another version, another model's, a missing layer, a wrong number of channels, a
  /// mean that is not finite.
  static std::shared_ptr<const ChannelMeans> load(const std::string& path, const Model& model,
                                                  const std::string& model_sha256);

  /// One per channel of a layer, by its place in Model::layers(). Throws Error for the class scores
  /// and for what is no layer.
  const std::vector<float>& of(size_t layer) const;
  /// How many images they are means over.
  int64_t images() const { return images_; }
  /// Of the file.
  const std::string& sha256() const { return sha256_; }

 private:
  ChannelMeans() = default;

  std::vector<std::vector<float>> means_;
  int64_t images_ = 0;
  std::string sha256_;
};

/// Adds up every layer's features over images. The sums are of doubles, first over an image's map,
/// then over the images in their order, so that neither batches nor threads change a bit.
class HDECOMP_API ChannelSums {
 public:
  /// Throws what Explainer's constructor throws.
  explicit ChannelSums(Model model, const EngineOptions& engine = {});
  ~ChannelSums();
  ChannelSums(ChannelSums&&) noexcept;
  ChannelSums& operator=(ChannelSums&&) noexcept;

  const Model& model() const;
  int batch() const;
  /// Up to batch() images, the next ones. One line per image: why it does not count (a feature that
  /// is not finite); empty for the others.
  std::vector<std::string> add(std::span<const Image> images);
  /// How many images count.
  int64_t images() const;
  /// Writes the means file: whole or, on any failure (UserError), not at all. Throws Error if no
  /// image counts.
  void save(const std::string& path, const std::string& model_sha256) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hdecomp
