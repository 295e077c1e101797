/// A network in a device's memory with a host's view of what it computes: what the tests of the
/// executor, of windows and of trees share.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/core/copy.h"
#include "runtime/network/dense_gradient.h"
#include "runtime/network/window_executor.h"
#include "tests/support/op_testing.h"
#include "tests/support/slim_models.h"
#include "weights/model/device_model.h"

namespace hdecomp::testing_models {

/// Where and how a network runs.
struct Where {
  Device device;
  int64_t batch = 1;
  int threads = 2;
  Precision precision = Precision::float32;
};

/// A model's copy on a device, planned there. Whatever its functions return is in host memory; the
/// members' own results are not.
struct DeviceNet {
  Context context;
  std::shared_ptr<const ModelData> model;
  Executor executor;
  WindowExecutor windows;
  DenseGradient dense;

  DeviceNet(std::shared_ptr<const ModelData> on_host, const Where& where)
      : context(where.device, where.threads, where.precision),
        model(on_device(context, std::move(on_host))),
        executor(context, *model, where.batch),
        windows(context, *model, executor),
        dense(context, executor) {}
  DeviceNet(ModelData on_host, const Where& where)
      : DeviceNet(std::make_shared<const ModelData>(std::move(on_host)), where) {}

  const Graph& graph() const { return model->graph; }
  void forward(const Tensor& images) { executor.forward(images); }

  Tensor feature(int node) const { return copied_to(Device{}, context, executor.feature(node)); }
  float value(int node, const Neuron& neuron) const { return executor.value(node, neuron); }

  /// The dense gradient, (1, c, h, w).
  Tensor gradient(int from, const Neuron& neuron, int to) {
    return copied_to(Device{}, context, dense.of(from, neuron, to));
  }

  /// Those neurons on the device, for the windows' functions.
  PlaceTensor places(const std::vector<Neuron>& neurons) const {
    return copied_to(context.device(), context,
                     op_testing::tensor_of(Shape{std::ssize(neurons)}, neurons));
  }

  /// The windows' gradients; `neurons` must outlive them.
  WindowBatch gradients(int from, const std::vector<Neuron>& neurons, int to,
                        ReluRule rule = ReluRule::plain) {
    const PlaceTensor there = places(neurons);
    WindowBatch batch = windows.gradients(from, there.span(), to, rule);
    batch.data = copied_to(Device{}, context, batch.data);
    batch.places = neurons;
    return batch;
  }

  /// The most active neuron of a node in an image of the last forward run.
  Neuron strongest(int node, int64_t image = 0) const {
    const Tensor features = feature(node);
    const FeatureShape& shape = graph().shapes[node];
    const auto all = features.span().subspan(image * shape.elements(), shape.elements());
    const int64_t at = std::ranges::max_element(all) - all.begin();
    return {at / (shape.height * shape.width), at / shape.width % shape.height, at % shape.width,
            image};
  }
};

/// An architecture and its input's size.
struct Net {
  const char* arch;
  PixelSize input_size;
};
inline void PrintTo(const Net& net, std::ostream* out) { *out << net.arch; }

/// A test of each net on each device; skipped with the reason where the device is not to be had.
class NetOnDevice : public ::testing::TestWithParam<std::tuple<Device, Net>> {
 protected:
  void SetUp() override { op_testing::skip_unless_there(device()); }
  static Device device() { return std::get<0>(GetParam()); }
  static Net net() { return std::get<1>(GetParam()); }
  /// The slim model of the net, on the host.
  static ModelData model() { return slim_model(net().arch, net().input_size); }
  static Tensor image(uint32_t seed = 7) { return noise_image(net().input_size, seed); }
};

/// Each of the nets on each of the devices, for INSTANTIATE_TEST_SUITE_P.
template <class... Nets>
auto on_devices(const std::vector<Device>& devices, Nets... nets) {
  return ::testing::Combine(::testing::ValuesIn(devices), ::testing::Values(nets...));
}
template <class... Nets>
auto on_test_devices(Nets... nets) {
  return on_devices(op_testing::test_devices(), nets...);
}

/// "cpu_vgg16", "cuda_0_vgg16"; "cpu_vgg16_64x96" where the input is no square.
inline std::string net_name(const ::testing::TestParamInfo<std::tuple<Device, Net>>& info) {
  const auto& [device, net] = info.param;
  const std::string name = op_testing::device_name({device, 0}) + "_" + net.arch;
  const PixelSize& size = net.input_size;
  return size.is_square() ? name : joined(name, "_", size.height, "x", size.width);
}

}  // namespace hdecomp::testing_models
