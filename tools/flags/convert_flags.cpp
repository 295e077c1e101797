/// The flags of the verbs that make model files.
#include "hdecomp/conversion.h"
#include "tools/choices.h"
#include "tools/flags/flags.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

/// How photographs became inputs when the network was trained.
void add_input_statement(CLI::App& verb, ConvertCommandOptions& options) {
  verb.add_option("--resize", options.resize,
                  "256: the shorter side becomes 256; 96x160: the height becomes 96 and the width "
                  "160. Of this and the "
                  "next seven what is not given is as the file's framework has it");
  verb.add_option("--interpolation", options.interpolation,
                  "of the resize, as PIL does it: bilinear, bicubic or nearest")
      ->check(CLI::IsMember(words_of(interpolations)));
  verb.add_option(
      "--crop", options.crop,
      "centre crop after the resize: 224, a square, or 96x160, height and width; all of a "
      "resize to 96x160 without it");
  verb.add_option("--mean", options.mean,
                  "means of the three channels in the network's order (see --channel-order), or "
                  "one for all; of pixels from 0 to 1, or to --pixel-range")
      ->delimiter(',')
      ->expected(1, 3);
  verb.add_option("--std", options.std, "standard deviations, likewise")
      ->delimiter(',')
      ->expected(1, 3);
  verb.add_option("--channel-order", options.channel_order,
                  "the order of the channels that the network was trained with: rgb or bgr")
      ->check(CLI::IsMember(words_of(channel_orders)));
  verb.add_option("--pixel-range", options.pixel_range,
                  "pixels went from 0 to this when the network was trained: 1 or 255")
      ->check(CLI::IsMember({1, 255}));
}

}  // namespace

void add_convert(CLI::App& app) {
  auto options = std::make_shared<ConvertCommandOptions>();
  CLI::App& verb =
      *app.add_subcommand("convert", "make a model file of another framework's weights");
  verb.add_option("input", options->input,
                  ".pth, .safetensors, a Keras .h5 or .keras, or an ONNX file")
      ->required();
  verb.add_option("-o,--output", options->output, "the model file to write (.h5)")->required();
  verb.add_option("--arch", options->arch, "the architecture, if it is not recognised");
  verb.add_option("--classes", options->classes,
                  "class names: a text file, one per line (WordNet ids may lead, as in "
                  "synset_words.txt), or JSON: a list, or a table by number or by name");
  verb.add_option("--key", options->key,
                  "of a file that holds several networks the one to take: its dict of tensors, as "
                  "state_dict_ema, or the first word of its tensors' names, as teacher");
  add_input_statement(verb, *options);
  CLI::Option* caffe =
      verb.add_flag("--stride-in-1x1", options->stride_in_1x1,
                    "a ResNet's bottlenecks stride in their first 1x1 convolution, as Caffe's");
  verb.add_flag("--stride-in-3x3", options->stride_in_3x3, "or in their 3x3, as torchvision's")
      ->excludes(caffe);
  verb.add_option("--stages", options->stages,
                  "of an ONNX file or a described Keras model: the layers that end its stages, "
                  "first to last, as a,b,c; "
                  "without it those before the map's size falls, and the last map")
      ->delimiter(',');
  verb.add_flag("--weights-16", options->weights_16, "round the weights to 16 bits: half the file");
  verb.add_flag("--json", options->json, "print the result as one JSON object");
  verb.callback([options] { convert(*options); });
}

void add_init(CLI::App& app) {
  auto options = std::make_shared<InitOptions>();
  CLI::App& verb =
      *app.add_subcommand("init", "make a model file with seeded He-initialised weights");
  verb.add_option("--arch", options->arch, "vgg16, resnet50, alexnet, ...")->required();
  verb.add_option("-o,--output", options->output, "the model file to write (.h5)")->required();
  verb.add_option("--seed", options->seed, "seed of the random weights")->capture_default_str();
  verb.add_option("--classes", options->classes, "class count")->capture_default_str();
  verb.add_option("--input-size", options->input_size,
                  "224, a square, or 96x160, height and width; without it the architecture's own");
  verb.add_flag("--json", options->json, "print the result as one JSON object");
  verb.callback([options] { init(*options); });
}

}  // namespace hdecomp::tools
