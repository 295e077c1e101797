/// Shared flags as CLI11 options.
#include "tools/flags/flags.h"

#include "hdecomp/ablation_fill.h"
#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "hdecomp/region_labels.h"
#include "tools/choices.h"

namespace hdecomp::tools {

CLI::Validator at_least(int64_t least) {
  return {[least](const std::string& value) {
            const std::optional<int64_t> number = number_in<int64_t>(value);
            return number && *number >= least ? "" : joined(value, ": give ", least, " or more");
          },
          least > 0 ? "POSITIVE" : "NONNEGATIVE"};
}

void add_engine(CLI::App& verb, CommonOptions& common) {
  verb.add_option(
      "--model", common.model,
      "a model file (.h5), or a bundled model: squeezenet, which is taken without this, or "
      "vgg16-slim");
  verb.add_option("--device", common.device,
                  "cpu, cuda or cuda:INDEX; a GPU where there is one without it");
  verb.add_option(
          "--precision", common.precision,
          "float32; on a GPU's tensor cores tf32, bf16 or fp16; on the CPU bf16 keeps linear "
          "layers' weights in half the memory, and all else in float32")
      ->capture_default_str();
  verb.add_option(
          "--threads", common.threads,
          "CPU threads of the network and of drawing, and beside a GPU of decoding (on the CPU "
          "one more decodes ahead of many images), fewer while other programs keep the cores "
          "busy; 0 for every core")
      ->capture_default_str();
}

void add_common(CLI::App& verb, CommonOptions& common) {
  add_engine(verb, common);
  verb.add_flag("--json", common.json, "print the result as one JSON object");
}

void add_images(CLI::App& verb, ImageSource& images, const char* image_help) {
  verb.add_option("images", images.images, image_help);
  CLI::Option* list = verb.add_option(
      "--list", images.list,
      "a text file of image paths, one per line; 'PATH LABEL' lines give labels too");
  verb.add_option("--root", images.root,
                  "the folder the list's paths start from; the list's own without it")
      ->needs(list);
  verb.add_option("--image-set", images.set,
                  "the folder is a PASCAL VOC one: take this set of its ImageSets (val, "
                  "boat_val, Segmentation/val)")
      ->excludes(list);
  verb.add_option("--every", images.every,
                  "of these images every N-th, from the first on: a sorted list's classes alike")
      ->check(at_least(1))
      ->capture_default_str();
}

void add_exif(CLI::App& verb, CommonOptions& common) {
  verb.add_flag("--exif", common.exif,
                "turn photographs upright by their EXIF tag; without it they stay as stored");
}

CLI::Option* add_versus(CLI::App& verb, CommonOptions& common) {
  return verb.add_option("--versus", common.versus.other,
                         "another class: the decision is the class's score less that one's");
}

void add_labels_flag(CLI::App& verb, std::string& labels) {
  verb.add_option(
      "--labels", labels,
      "a text file of labels, one per image or 'PATH LABEL' lines; or 'folder': the image's folder "
      "is its class");
}

void add_regions(CLI::App& verb, RegionOptions& options) {
  verb.add_option("--regions", options.folder,
                  "the folder of segmentations, found by the photographs' names")
      ->required();
  verb.add_option("--region-names", options.names,
                  "a text file of the labels' names: '12: sky' lines, or 'sky' ones that count on; "
                  "caltech-101 has none");
  verb.add_option("--region-kind", options.kind, "the data set, whose number of names is checked")
      ->check(CLI::IsMember(words_of(region_kinds)))
      ->capture_default_str();
  verb.add_option("--first-label", options.first,
                  "the first of the names that have no numbers; without it 0 if that is "
                  "'background', else 1")
      ->check(CLI::Range(0, 65534));
}

void add_photo(CLI::App& verb, std::string& image) {
  verb.add_option("image", image,
                  "a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM file, or - for standard input")
      ->required();
}

void add_batch(CLI::App& verb, int& batch, const char* subject) {
  verb.add_option("--batch", batch, joined(subject, " go together; 0: 4 on the CPU, 32 on a GPU"))
      ->check(CLI::Range(0, most_batch))
      ->capture_default_str();
}

void add_amounts(CLI::App& verb, int& limit, int& batch) {
  verb.add_option("--limit", limit, "the first images alone; 0 for all")
      ->check(at_least(0))
      ->capture_default_str();
  add_batch(verb, batch, "how many images");
}

CLI::Option* add_mask_threshold(CLI::App& verb, double& threshold, const char* ending) {
  const std::string help = "share of an activation map's maximum above which its mask lies";
  return verb.add_option("--mask-threshold", threshold, help + ending)->capture_default_str();
}

void add_mask_use(CLI::App& verb, const std::string& region) {
  const auto part = [&region] { return std::vector<std::string>{region}; };
  require_uses(verb, {{"--region", part, {{"--mask-threshold", {"mask"}}}}});
}

void add_over_ranks(CLI::App& verb) {
  verb.footer("Over several ranks: mpirun --bind-to none -n 8 hdecomp " + verb.get_name() +
              " ...; without --bind-to none each rank has one core.");
}

void add_baseline(CLI::App& verb, std::string& baseline) {
  verb.add_option("--baseline", baseline,
                  "what features are counted from in A = G x (F - baseline): zero (the paper's "
                  "gAP), mean, each channel's own over its map on this image, or its mean over a "
                  "data set, from a file that hdecomp means wrote")
      ->capture_default_str();
}

CLI::Option* add_concepts_flag(CLI::App& verb, std::string& concepts) {
  return verb.add_option(
      "--concepts", concepts,
      "a file that hdecomp concepts wrote: names of channels, shown beside them");
}

void add_fill(CLI::App& verb, std::string& fill) {
  verb.add_option("--fill", fill,
                  "what a channel is set to: mean, its own on this image, zero, or its mean over a "
                  "data set, from a file that hdecomp means wrote")
      ->capture_default_str();
}

void add_ablation(CLI::App& verb, std::string& fill, std::string& method) {
  add_fill(verb, fill);
  verb.add_option("--method", method,
                  "fast, inside the receptive field, or naive, a full run per channel")
      ->check(CLI::IsMember(words_of(ablation_methods)))
      ->capture_default_str();
}

void add_change_fill(CLI::App& verb, std::string& fill) {
  verb.add_option("--fill", fill,
                  "of pixels: grey (without this), blur, or mean, the photograph's mean colour; of "
                  "channels as of ablate: zero (without this), mean or a means file");
}

void add_overlaps(CLI::App& verb, std::optional<double>& iou, double& threshold, const char* help) {
  CLI::Option* merge = verb.add_option("--merge-overlaps", iou, help);
  add_mask_threshold(verb, threshold)->needs(merge);
}

}  // namespace hdecomp::tools
