/// A described Keras model with the input rule that it leaves open.
#include "weights/import/import_keras.h"

#include "hdecomp/error.h"
#include "weights/import/general_model.h"
#include "weights/keras/keras_config.h"
#include "weights/keras_graph/network.h"

namespace hdecomp {
namespace {

using keras_graph::Pixels;

struct Convention {
  Pixels pixels;
  const char* said;
  std::vector<float> mean, std;  // of pixels from 0 to 255
};
const Convention& convention(Pixels pixels) {
  static const std::vector<Convention> all{
      {Pixels::bytes, "of 0 to 255 as they are", {0}, {1}},
      {Pixels::one_to_one,
       "from -1 to 1, as this application of Keras has them",
       {127.5f},
       {127.5f}},
      {Pixels::torch,
       "less ImageNet's mean, by its deviation, as this application of Keras has them",
       {123.675f, 116.28f, 103.53f},
       {58.395f, 57.12f, 57.375f}},
      {Pixels::caffe,
       "in B, G, R, less ImageNet's mean, as this application of Keras has them",
       {103.939f, 116.779f, 123.68f},
       {1}},
  };
  return all.at(static_cast<size_t>(pixels));
}

/// What the user says, completed. Pixels of 0 to 1 without a mean are those of rescale=1/255.
InputStatement completed(const InputStatement& said, const KerasLayer& model,
                         std::vector<std::string>& assumed) {
  InputStatement all = said;
  if (said.mean.empty() && said.std.empty() && !said.pixel_range) {
    const Convention& usual = convention(keras_graph::usual_pixels(model));
    all.pixel_range = 255;
    all.mean = usual.mean, all.std = usual.std;
    if (!said.channel_order && usual.pixels == Pixels::caffe) all.channel_order = ChannelOrder::bgr;
    assumed.push_back(joined("the file does not say how its images were normalised: pixels ",
                             usual.said, " (--mean, --std, --pixel-range, --channel-order)"));
    return all;
  }
  all.pixel_range = said.pixel_range.value_or(255);
  if (said.mean.empty()) all.mean = {0};
  if (said.std.empty()) all.std = {1};
  return all;
}

}  // namespace

ModelData import_keras(const std::string& path, const ConvertOptions& options,
                       const TensorFile& file) {
  refuse_flags_of_architectures(path, options, "a described Keras model");
  general::Network network = keras_graph::read_network(file, path, asked_size(options.input));
  InputStatement said = completed(options.input, *file.keras_config, network.said);
  if (!said.resize) {  // as Keras's own loaders of images do
    said.resize = Resize::stretch;
    said.size = network.input_size;
  }
  return general_model(path, options, said, std::move(network));
}

}  // namespace hdecomp
