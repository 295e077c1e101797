/// Model: a trained network with its preprocessing and class names, loaded from an HDF5 model file,
/// converted from another framework's weights, or freshly initialised.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/conversion.h"
#include "hdecomp/export.h"
#include "hdecomp/filled_layer.h"
#include "hdecomp/model_memory.h"
#include "hdecomp/preprocess.h"

namespace hdecomp {

struct ModelData;

/// One layer as `hdecomp layers` lists it.
struct LayerInfo {
  std::string name;                      // canonical: "conv5_3", "layer3.2.conv2"
  std::vector<std::string> torchvision;  // torchvision's names for the same output
  std::vector<std::string> keras;        // Keras's
  int64_t channels = 0, height = 0, width = 0;
  std::string stage;  // the stage this layer ends ("conv5_3", "layer3"); empty if none
};

/// Pixels of a network's input.
struct PixelRectangle {
  int64_t y = 0, x = 0, height = 0, width = 0;
};

/// Cheap to copy: copies share the weights, which never change.
class HDECOMP_API Model {
 public:
  /// Reads a model file (format: weights/FORMAT.md). Throws UserError, one line that names the file
  /// and what is wrong in it: no model, a newer version, a missing, extra or misshapen tensor, a
  /// value that is not finite.
  static Model load(const std::string& path, ModelMemory memory = ModelMemory::own);
  /// The same of a model file's bytes in memory, which need not live longer; `name` stands for the
  /// file in errors.
  static Model load(std::span<const uint8_t> bytes, const std::string& name = "model in memory");
  /// A model that comes with hdecomp: "squeezenet", SqueezeNet 1.1 trained on ILSVRC's 1,000
  /// classes, which is taken where `name` is empty, or "vgg16-slim", VGG-16 with batch norm at a
  /// quarter of the width, 100 classes of Caltech-101. Throws UserError for another name, Error if
  /// the installation is incomplete.
  static Model bundled(const std::string& name = {});
  static std::string bundled_path(const std::string& name = {});
  static std::vector<std::string> bundled_names();
  /// Reads a .pth, .safetensors or a Keras .h5 or .keras file; batch norm is folded into the
  /// convolutions. Runs nothing that the file says. Throws UserError that names the file and the
  /// tensor.
  static Model convert(const std::string& path, const ConvertOptions& options = {});
  /// He-initialised weights, the same bits for the same seed. Throws UserError for an unknown
  /// `arch`.
  static Model initialise(const std::string& arch, uint64_t seed, int64_t classes = 1000,
                          PixelSize input_size = 0 /* 0: the architecture's own */);
  /// A published architecture without weights: for its layers and names alone.
  static Model outline(const std::string& arch);

  /// Writes a model file: whole or, on any failure (UserError), not at all.
  void save(const std::string& path) const;

  const std::string& arch() const;
  const std::string& source() const;
  const Preprocess& preprocess() const;
  /// What convert() settled on; empty for a model that was not just converted.
  const ConversionNotes& conversion() const;
  /// The network's outputs; 0 where it has features alone.
  int64_t output_count() const;
  /// As many, but two for a network of one output whose score is a plain sum: class 0 has that
  /// score, class 1, "not" class 0, minus it. The probabilities are then the sigmoid's.
  int64_t class_count() const;
  /// Throws UserError if there are none.
  void require_classes() const;
  /// The class's name, or "class INDEX" where the model file has no names.
  std::string class_name(int64_t index) const;
  /// The WordNet id, or "" where the model file has none.
  std::string class_wnid(int64_t index) const;
  /// The index of a class given as an index ("7", "index:7"), a WordNet id or a name ("crane",
  /// "name:crane"; case and '_' for ' ' do not matter); "not:0" is the other side of a network of
  /// one output. Throws UserError that suggests the nearest
  /// name, or lists the classes where several are called so, be it by name or by number.
  int64_t find_class(const std::string& text) const;
  /// The same network with a single output, the score of class `one` less that of class `other`,
  /// so that the difference is a decision to explain (Eq. 1 holds for it): class 0 is "one -
  /// other", class 1 the reverse. For computing alone: it can't be saved. Throws UserError as
  /// find_class() does, and where both are the same class.
  Model versus(const std::string& one, const std::string& other) const;
  /// The same network that sees photographs by another rule than its file's: resize, crop, mean and
  /// deviation of the caller's. On the CPU it shares the weights; on a GPU it has a copy of its
  /// own. It can be saved. The crop must be the network's input size. Throws UserError for another
  /// crop, and for a rule that makes no sense.
  Model with_preprocess(const Preprocess& rule) const;
  /// The same network with channels switched off, each set to its value over the whole map: no
  /// gradient passes them. For computing alone: it can't be saved. Throws UserError for an unknown
  /// layer, Error for a channel that is not there or without a value.
  Model filled(const std::vector<FilledLayer>& layers) const;
  std::vector<LayerInfo> layers() const;
  /// The names of the stages' ends, from the one below the scores down to the image.
  std::vector<std::string> stages() const;
  /// The first of them that lies below a layer ("scores" included): what its decisions are
  /// decomposed into. Empty where none does. Throws UserError for an unknown layer.
  std::string stage_below(const std::string& layer) const;
  /// The part of the input that the feature at (y, x) of a layer is computed from, inside the
  /// input; a pixel's is itself. Throws UserError for an unknown layer, Error for a place outside
  /// its map.
  PixelRectangle receptive_field(const std::string& layer, int64_t y, int64_t x) const;

  /// For the engine itself; the type is not part of the public API.
  const std::shared_ptr<const ModelData>& data() const { return data_; }

 private:
  explicit Model(std::shared_ptr<const ModelData> data) : data_(std::move(data)) {}

  std::shared_ptr<const ModelData> data_;
};

}  // namespace hdecomp
