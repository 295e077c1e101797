/// The hdecomp command: flags to options, errors to exit codes (0 done, 2 a user's mistake, 1 a
/// fault of ours).
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "hdecomp/error.h"
#include "tools/complaint.h"
#include "tools/flags.h"
#include "tools/plain_values.h"
#include "tools/standard_descriptors.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

void add_classify(CLI::App& app) {
  auto options = std::make_shared<ClassifyOptions>();
  CLI::App& verb = *app.add_subcommand("classify", "the most probable classes of images");
  add_images(verb, options->images, "an image, or a folder of images");
  add_labels_flag(verb, options->labels);
  verb.add_option("--top", options->top, "classes to print")->capture_default_str();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { classify(*options); });
}

void add_layers(CLI::App& app) {
  auto options = std::make_shared<LayersOptions>();
  CLI::App& verb = *app.add_subcommand("layers", "every layer: names in three dialects, shapes");
  verb.add_option("--arch", options->arch, "list a published architecture instead of a model");
  add_common(verb, options->common);
  verb.callback([options] { layers(*options); });
}

void add_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainCommandOptions>();
  CLI::App& verb =
      *app.add_subcommand("explain", "the tree of evidence for a class, for one image or many");
  add_images(verb, options->images,
             "a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM file, or a folder: every image in it "
             "and below, sorted");
  verb.add_option("--class", options->target,
                  "a class: index, WordNet id or name (index:7 or name:7 where these could be "
                  "mistaken); the top one "
                  "without it");
  verb.add_option("--top", options->top, "N, supporting channels per decision")
      ->capture_default_str();
  verb.add_option("--depth", options->depth, "stages to go down, or all")->capture_default_str();
  add_overlaps(verb, options->merge_overlaps, options->mask_threshold,
               "merge channels whose activation maps overlap by more than this (IoU; the paper has "
               "0.9)");
  verb.add_option("--peaks", options->peaks,
                  "peaks of each channel to decompose, apart by at least a receptive field")
      ->capture_default_str();
  add_baseline(verb, options->baseline);
  verb.add_option("--show", options->show,
                  "levels the terminal shows, or all; many images are a line each")
      ->capture_default_str();
  verb.add_option("--batch", options->batch,
                  "of many images, how many go together; 0: 4 on the CPU, 32 on a GPU")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  CLI::Option* folder =
      verb.add_option("--output-dir", options->output_dir,
                      "write tree.json and pictures here; of many images each into "
                      "its own folder, such as DIR/sub/a.jpg/");
  CLI::Option* bare = verb.add_flag("!--no-pictures", options->pictures, "write tree.json alone");
  verb.add_flag("--guided", options->guided, "draw guided backpropagation too")
      ->needs(folder)
      ->excludes(bare);
  verb.add_flag("--html", options->html, "write report.html too: the pyramid to click through")
      ->needs(folder);
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { explain(*options); });
}

void add_decompose(CLI::App& app) {
  auto options = std::make_shared<DecomposeOptions>();
  CLI::App& verb = *app.add_subcommand("decompose", "one gAP step between any two layers");
  verb.add_option("image", options->image, "a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM file")
      ->required();
  verb.add_option("--from", options->from, "the decision: LAYER:CHANNEL@Y,X or class:NAME")
      ->required();
  verb.add_option("--to", options->to, "the layer to decompose it into")->required();
  verb.add_option("--top", options->top, "N, supporting channels")->capture_default_str();
  add_baseline(verb, options->baseline);
  CLI::Option* folder =
      verb.add_option("--output-dir", options->output_dir, "write step.json and pictures here");
  verb.add_flag("--guided", options->guided, "draw guided backpropagation too")->needs(folder);
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { decompose(*options); });
}

void add_ablate(CLI::App& app) {
  auto options = std::make_shared<AblateOptions>();
  CLI::App& verb = *app.add_subcommand(
      "ablate", "a decision's exact drop for each channel of a lower layer, beside gAP's estimate");
  verb.add_option("image", options->image, "a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM file")
      ->required();
  verb.add_option("--from", options->from, "the decision: LAYER:CHANNEL@Y,X or class:NAME")
      ->required();
  verb.add_option("--to", options->to, "the layer to ablate; the stage below without it");
  add_ablation(verb, options->fill, options->method);
  add_baseline(verb, options->baseline);
  add_overlaps(verb, options->merge_overlaps, options->mask_threshold,
               "ablate channels together whose activation maps overlap by more than this (IoU)");
  verb.add_option("--top", options->top, "channels to print, the largest drops first")
      ->capture_default_str();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { ablate(*options); });
}

void add_saliency(CLI::App& app) {
  auto options = std::make_shared<SaliencyCommandOptions>();
  CLI::App& verb =
      *app.add_subcommand("saliency", "what each pixel is to a class score, by several methods");
  verb.add_option("image", options->image, "a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM file")
      ->required();
  verb.add_option("-o,--output", options->output,
                  "what to write: a picture (.png), or the raw map (.npy, .h5)")
      ->required();
  CLI::Option* method =
      verb.add_option(
              "--method", options->method,
              "gradient, gradient-x-input, smoothgrad, guided, integrated-gradients, grad-cam, "
              "gap-cam, lrp or gap")
          ->capture_default_str();
  verb.add_flag("--save-all", options->save_all,
                "all methods: side by side in the picture, or each in the .h5 file")
      ->excludes(method);
  verb.add_option("--class", options->target,
                  "a class: index, WordNet id or name; the top one without it");
  add_saliency_choices(verb, *options);
  verb.add_option("--batch", options->batch,
                  "samples that go together; 0: 4 on the CPU, 32 on a GPU")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { saliency(*options); });
}

void add_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App& verb = *app.add_subcommand("serve", "the pyramid as a live page in the browser");
  verb.add_option("--host", options->host,
                  "the address to listen at; 127.0.0.1 reaches this machine alone")
      ->capture_default_str();
  verb.add_option("--port", options->port, "the port to listen at; 0: any that is free")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  add_engine(verb, options->common);
  verb.callback([options] { serve(*options); });
}

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
                  "of a checkpoint that holds several dicts of tensors, the one to take, as "
                  "state_dict_ema");
  verb.add_option("--resize", options->resize,
                  "256: the shorter side becomes 256; 128x128: both sides do. Of this and the "
                  "next seven what is not given is as the file's framework has it");
  verb.add_option("--interpolation", options->interpolation,
                  "of the resize, as PIL does it: bilinear, bicubic or nearest")
      ->check(CLI::IsMember({"bilinear", "bicubic", "nearest"}));
  verb.add_option("--crop", options->crop,
                  "centre crop after the resize, in pixels; all of 128x128 without it");
  verb.add_option("--mean", options->mean,
                  "means of the three channels in the network's order (see --channel-order), or "
                  "one for all; of pixels from 0 to 1, or to --pixel-range")
      ->delimiter(',')
      ->expected(1, 3);
  verb.add_option("--std", options->std, "standard deviations, likewise")
      ->delimiter(',')
      ->expected(1, 3);
  verb.add_option("--channel-order", options->channel_order,
                  "the order of the channels that the network was trained with: rgb or bgr")
      ->check(CLI::IsMember({"rgb", "bgr"}));
  verb.add_option("--pixel-range", options->pixel_range,
                  "pixels went from 0 to this when the network was trained: 1 or 255")
      ->check(CLI::IsMember({1, 255}));
  CLI::Option* caffe =
      verb.add_flag("--stride-in-1x1", options->stride_in_1x1,
                    "a ResNet's bottlenecks stride in their first 1x1 convolution, as Caffe's");
  verb.add_flag("--stride-in-3x3", options->stride_in_3x3, "or in their 3x3, as torchvision's")
      ->excludes(caffe);
  verb.add_option("--stages", options->stages,
                  "of an ONNX file: the layers that end its stages, first to last, as a,b,c; "
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
  verb.add_option("--input-size", options->input_size, "pixels; 0: the architecture's own")
      ->capture_default_str();
  verb.add_flag("--json", options->json, "print the result as one JSON object");
  verb.callback([options] { init(*options); });
}

int fail(const std::string& what, int code) {
  complain(what);
  return code;
}

/// CLI11 alone would say that a verb is required, but not which word it did not take for one.
void check_verb(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::string known;
  for (const CLI::App* verb : app.get_subcommands({})) {
    if (verb->get_name() == argv[1]) return;
    known += (known.empty() ? "" : ", ") + verb->get_name();
  }
  throw UserError(joined("unknown verb '", argv[1], "'; give one of ", known));
}

int run(int argc, char** argv) {
  CLI::App app("hdecomp explains a CNN's decision as a tree of evidence (gAP).", "hdecomp");
  app.set_version_flag("--version", "hdecomp " HDECOMP_VERSION);
  app.require_subcommand(1);
  add_explain(app);
  add_decompose(app);
  add_ablate(app);
  add_saliency(app);
  add_experiments(app);
  add_classify(app);
  add_serve(app);
  add_layers(app);
  add_convert(app);
  add_init(app);
  require_plain_values(app);
  check_verb(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    if (fault.get_exit_code() == 0) return app.exit(fault);  // --help, --version
    return fail(std::string(fault.what()) + " (hdecomp --help shows the flags)", 2);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return fail("the output cannot be written; is the disk full?", 2);
  }
  return 0;
}

}  // namespace
}  // namespace hdecomp::tools

int main(int argc, char** argv) {
  using namespace hdecomp;
  tools::take_standard_descriptors();
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit is an error to report, not a death
  try {
    return tools::run(argc, argv);
  } catch (const UserError& fault) {
    return tools::fail(fault.what(), 2);
  } catch (const std::bad_alloc&) {
    return tools::fail("out of memory", 1);
  } catch (const std::system_error& fault) {
    const bool of_threads = fault.code() == std::errc::resource_unavailable_try_again;
    return tools::fail(of_threads ? "the system gives no more threads" : fault.what(), 1);
  } catch (const std::exception& fault) {
    return tools::fail(fault.what(), 1);
  }
}
