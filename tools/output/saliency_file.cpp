/// By the end of a file's name, a picture or raw maps.
#include "tools/output/saliency_file.h"

#include <filesystem>

#include "hdecomp/error.h"

namespace hdecomp::tools {

bool is_picture_of_maps(const std::string& output, bool several) {
  const std::string end = std::filesystem::path(output).extension().string();
  if (end != ".png" && end != ".npy" && end != ".h5") {
    throw UserError(joined("--output ", output, ": give a file that ends in .png, .npy or .h5"));
  }
  if (end == ".npy" && several) {
    throw UserError(
        joined("--output ", output, ": a .npy file holds one map; of several give a .h5 file"));
  }
  return end == ".png";
}

Image draw_maps(std::span<const SaliencyMap> maps, const Image& photo, const Model& model,
                int64_t side) {
  if (maps.empty()) throw UserError("no saliency maps");
  return maps.size() == 1 ? draw_saliency(maps.front(), photo, model, side)
                          : draw_saliencies(maps, photo, model, side);
}

void write_maps_of(std::span<const SaliencyMap> maps, const Image& photo, const Model& model,
                   int64_t side, const std::string& output) {
  const bool is_picture = is_picture_of_maps(output, maps.size() > 1);
  if (maps.empty()) throw UserError("no saliency maps");
  if (!is_picture) return save_saliencies(maps, output);
  save_png(draw_maps(maps, photo, model, side), output);
}

}  // namespace hdecomp::tools
