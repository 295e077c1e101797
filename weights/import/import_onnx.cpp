/// An ONNX file's network with the input rule that it leaves open.
#include "weights/import/import_onnx.h"

#include "weights/import/general_model.h"
#include "weights/onnx/network.h"

namespace hdecomp {

ModelData import_onnx(const std::string& path, const ConvertOptions& options) {
  refuse_flags_of_architectures(path, options, "an ONNX file");
  const InputStatement& said = options.input;
  general::Network network = onnx::read_network(path, asked_size(said));
  if (said.mean.empty() || said.std.empty()) {
    network.said.emplace_back(
        "the file does not say how its images were normalised: ImageNet's usual way where no flag "
        "says another (--mean, --std, --pixel-range, --channel-order)");
  }
  return general_model(path, options, said, std::move(network));
}

}  // namespace hdecomp
