/// The flags of classify, saliency, serve, layers and help.
#include <cstdio>
#include <filesystem>

#include "tools/choices.h"
#include "tools/flags/command_table.h"
#include "tools/flags/flags.h"
#include "tools/output/saliency_file.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

void print_help(const std::string& text) { std::printf("%s", text.c_str()); }

}  // namespace

void add_classify(CLI::App& app) {
  auto options = std::make_shared<ClassifyOptions>();
  options->images.takes_standard_input = true;
  CLI::App& verb = *app.add_subcommand("classify", "the most probable classes of images");
  add_images(verb, options->images, "images, - for one of standard input, or a folder of images");
  add_labels_flag(verb, options->labels);
  verb.add_option("--top", options->top, "classes to print of one image, and in JSON of each")
      ->capture_default_str();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { classify(*options); });
}

void add_help(CLI::App& app) {
  auto topic = std::make_shared<std::string>("reading");
  CLI::App& verb = *app.add_subcommand(
      "help",
      "what the words of a tree mean; a verb's flags; the manual page; completions for bash "
      "and zsh");
  std::vector<std::string> topics{"reading", "man", "bash", "zsh"};
  for (const CLI::App* each : app.get_subcommands({})) topics.push_back(each->get_name());
  verb.add_option(
          "topic", *topic,
          "reading, the words of a tree; man, the manual page (hdecomp help man | man -l -); "
          "bash or zsh, a script that completes this command's line there; or a verb, as its "
          "--help")
      ->check(CLI::IsMember(topics))
      ->capture_default_str();
  verb.callback([topic, &app] {
    const CLI::App* const of = find_verb(app, *topic);
    of == nullptr ? help(*topic, command_table(app)) : print_help(of->help(app.get_name()));
  });
}

void add_layers(CLI::App& app) {
  auto options = std::make_shared<LayersOptions>();
  CLI::App& verb = *app.add_subcommand("layers", "every layer: names in three dialects, shapes");
  CLI::Option* arch =
      verb.add_option("--arch", options->arch, "list a published architecture instead of a model");
  add_common(verb, options->common);
  arch->excludes(verb.get_option("--model"));
  verb.callback([options] { layers(*options); });
}

void add_saliency(CLI::App& app) {
  auto options = std::make_shared<SaliencyCommandOptions>();
  CLI::App& verb =
      *app.add_subcommand("saliency", "what each pixel is to a class score, by several methods");
  add_photo(verb, options->image);
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
  verb.add_option("--size", options->side, "the longer side of a picture, in pixels")
      ->check(CLI::Range(64, 2048))
      ->capture_default_str();
  verb.add_option("--class", options->target,
                  "a class: index, WordNet id or name; the top one without it");
  add_saliency_choices(verb, *options);
  add_batch(verb, options->batch, "samples that");
  add_exif(verb, options->common);
  add_common(verb, options->common);
  const auto methods = [options] {
    if (options->save_all) return words_of(saliency_methods);
    return std::vector<std::string>{to_string(saliency_method(options->method))};
  };
  const auto end = [options] {
    is_picture_of_maps(options->output, options->save_all);  // else it says what would be one
    return std::vector<std::string>{fs::path(options->output).extension().string()};
  };
  require_uses(verb,
               {{"--method", methods, saliency_uses()}, {"--output", end, {{"--size", {".png"}}}}});
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
  add_concepts_flag(verb, options->concepts);
  verb.add_option("--patches", options->patches,
                  "files that hdecomp patches wrote with this model: what each channel looks for")
      ->delimiter(',');
  add_engine(verb, options->common);
  verb.callback([options] { serve(*options); });
}

}  // namespace hdecomp::tools
