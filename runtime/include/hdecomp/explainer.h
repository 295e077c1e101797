/// Explainer: classifies photographs with a model and explains its decisions as trees of evidence.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/ablation.h"
#include "hdecomp/attack.h"
#include "hdecomp/engine_options.h"
#include "hdecomp/explain_options.h"
#include "hdecomp/export.h"
#include "hdecomp/features.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/saliency.h"
#include "hdecomp/tree.h"
#include "hdecomp/what_if.h"

namespace hdecomp {

/// An image's explanation, or why it has none.
struct Explained {
  std::optional<Tree> tree;
  std::string error;  // one line; empty where there is a tree
};

/// Plans the model on a device; memory is taken once. Any thread may make, call and destroy it, one
/// thread at a time; several explainers work on several threads at once, and copies of a Model
/// share its weights.
///
/// What every call here may throw (hdecomp/error.h), one line each: UserError for what was asked
/// and cannot be; ImageError, a UserError, where it is the image that does not fit: a class score
/// that is not positive (Eq. 1 needs F > 0), or features that leave float32's numbers; Error where
/// the machine fails, as when a GPU's memory runs out, or the explainer was used wrongly.
/// Stopped is an Error that the options' own stop token asked for.
/// After any of them the explainer can be used on.
class HDECOMP_API Explainer {
 public:
  /// Throws UserError for a device, precision, thread count or batch that cannot be had, a layer
  /// with a weight that the precision has no number for, and features that would not fit the
  /// memory.
  explicit Explainer(Model model, const EngineOptions& options = {});
  ~Explainer();
  Explainer(Explainer&&) noexcept;
  Explainer& operator=(Explainer&&) noexcept;

  const Model& model() const;
  /// "cpu", "cuda:0"
  std::string device() const;
  int batch() const;
  /// Of the CPU, that work.
  int threads() const;

  /// The `count` most probable classes, best first (ties to the lower index). `ms`, if given,
  /// receives the forward pass's milliseconds. Throws UserError for a `count` below 1 and a model
  /// without classes.
  std::vector<ClassScore> classify(const Image& image, int count = 5, double* ms = nullptr);

  /// The hierarchical decomposition (Section 3.2 of the paper): from the class score through all
  /// stage ends. Throws what check() throws, ImageError, what options.after_level throws, and Error
  /// while a batch is begun.
  Tree explain(const Image& image, const ExplainOptions& options = {});

  /// The same for up to batch() images, which go through the network and down the levels together.
  /// Each gets exactly what explain() gives it alone. An ImageError stays with its image, as
  /// Explained::error. Throws what check() throws, and Error for more images than batch(), for
  /// options.after_level with more than one, and while a batch is begun.
  std::vector<Explained> explain_batch(std::span<const Image> images,
                                       const ExplainOptions& options = {});

  /// explain_batch() in two halves, for one batch after the other: a GPU works on the batches begun
  /// while the host reads photographs and puts the trees of the oldest together. The images must
  /// live until their batch is finished. begin_batch() throws as explain_batch() does and has begun
  /// nothing then; finish_batch() returns what explain_batch() would of the oldest batch begun, and
  /// throws Error if there is none.
  void begin_batch(std::span<const Image> images, const ExplainOptions& options = {});
  std::vector<Explained> finish_batch();

  /// Throws UserError if these options fit no image at all: an unknown class or neuron, or a model
  /// without classes, `top`, `depth`, `peaks`, `cover` or a threshold out of range, trees of
  /// batch() images that could take more than 4 GiB; and Error for means of another model.
  void check(const ExplainOptions& options) const;

  /// One gAP step. `from`: "LAYER:CHANNEL@Y,X", "LAYER:CHANNEL" where the map is 1 x 1, or
  /// "class:NAME"; `to`: any layer below, "input" included. Throws UserError for unknown names, a
  /// position outside the map, a value that is not positive, a `top` below 1, or a `to` that is not
  /// below `from`; and ImageError.
  DecisionStep decompose(const Image& image, const std::string& from, const std::string& to,
                         int top = 3, bool keep_maps = false, bool guided = false);

  /// The same; with StepOptions::channels the children are those channels, in that order. Throws
  /// UserError too for a channel that is not there or named twice, or that has no peak (no A above
  /// 0) unless StepOptions::against.
  DecisionStep decompose(const Image& image, const std::string& from, const std::string& to,
                         const StepOptions& options);

  /// The drop of a decision for every channel of a lower layer when that channel is filled, and the
  /// gAP step beside it. `from` and `to` as in decompose(); an empty `to` is the stage below.
  /// Throws what decompose() throws, and UserError where no stage is below.
  Ablation ablate(const Image& image, const std::string& from, const std::string& to = {},
                  const AblationOptions& options = {});

  /// The features of a layer: "input" is the network's input, "scores" the class scores. Throws
  /// UserError for an unknown layer, and ImageError.
  LayerFeatures features(const Image& image, const std::string& layer);

  /// What the pixels, or the places of the last stage, are to a class score, which need not be
  /// positive. Throws UserError for an unknown class or numbers out of range.
  SaliencyMap saliency(const Image& image, const SaliencyOptions& options = {});
  /// The same for up to batch() images, which go forward and backward together. Throws what
  /// saliency() throws, and Error for more images than batch().
  std::vector<SaliencyMap> saliency_batch(std::span<const Image> images,
                                          const SaliencyOptions& options = {});

  /// PGD on up to batch() images, which go together. Throws UserError for an unknown class or
  /// numbers out of range, ImageError, and Error for more images than batch().
  std::vector<Attacked> attack_batch(std::span<const Image> images,
                                     const AttackOptions& options = {});

  /// What the network says of the photograph, of it with a region filled, and with boxes of chance
  /// of as many pixels, all run in batches. Throws UserError for an unknown class, numbers out of
  /// range, a region that is not inside the photograph or that the network sees nothing of, and
  /// ImageError.
  WhatIf what_if(const Image& image, const PhotoRegion& region, RegionFill fill,
                 const WhatIfOptions& options = {});
  /// The same of the filler's photograph.
  WhatIf what_if(const PixelFiller& filler, const PhotoRegion& region,
                 const WhatIfOptions& options = {});
  /// The same with channels switched off, beside as many others of the same layers (or as many as
  /// there are). `means`: what data_set fills with. Throws UserError for unknown classes, layers
  /// and channels, for channels of the scores or the image, and ImageError.
  WhatIf what_if(const Image& image, const std::vector<FilledLayer>& off, AblationFill fill,
                 const std::shared_ptr<const ChannelMeans>& means,
                 const WhatIfOptions& options = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hdecomp
