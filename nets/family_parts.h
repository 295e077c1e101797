/// What the builders of families with many convolutions share: their list of widths, the linear
/// layers at the end, and names.
#pragma once

#include <string>
#include <vector>

#include "nets/builder.h"
#include "nets/family.h"

namespace hdecomp {

/// The widths of a network's convolutions in the graph's order, but of those in groups, whose width
/// follows from their input's.
class WidthList {
 public:
  explicit WidthList(const NetParams& params) : widths_(params.widths) {}
  /// The published width where the parameters have none.
  int64_t next(int64_t published) { return widths_.empty() ? published : widths_.at(next_++); }

 private:
  const std::vector<int64_t>& widths_;
  size_t next_ = 0;
};

/// The network as far as it is built: its last node, how many channels that has, and how many in
/// the published network. A family keeps what its blocks ask for.
struct Top {
  int node = 0;
  int64_t channels = 0, published = 0;
};

/// `channels` times `factor` in eights, and not below nine tenths of it.
int64_t in_eights(int64_t channels, double factor = 1);

/// The published network's parameters, of a family whose `build` takes its widths from a WidthList.
NetParams published_params(const std::string& arch, Graph (*build)(const NetParams& params));
/// Family::fit of such a family: its widths, and what linear_head made, as some file has them.
void fit_published(NetParams& params, const WeightDims& dims);

/// Whether these are the published ones: tells apart architectures that differ in nothing else.
bool has_published_widths(const std::string& arch, const WeightDims& dims);

/// Hidden linear layers fc1, fc2, ... with a ReLU each, as fine-tuned networks have them, then the
/// class scores, named `module`. Its published layer is `published` in torchvision; with hidden
/// layers the module is a Sequential whose first linear layer is at `first`.
void linear_head(GraphBuilder& net, int input, const NetParams& params, const std::string& module,
                 const std::string& published, int first);

/// A function of one number as a node of its own.
int function_node(GraphBuilder& net, int input, const std::string& name,
                  const ScalarFunction& function, const Aliases& aliases);
constexpr ScalarFunction silu{Function::silu}, hard_swish{Function::hard_swish},
    sigmoid{Function::sigmoid}, hard_sigmoid{Function::hard_sigmoid, 1.0f / 6, 0.5f};

/// Squeeze and excitation (Hu et al. 2018): each channel times a number made of all channels'
/// means. `inner`: after the first 1x1 convolution; none: a ReLU.
struct Gate {
  int64_t squeezed, channels;  // as published
  const ScalarFunction* inner;
  ScalarFunction outer;
};
int gate_node(GraphBuilder& net, int input, const std::string& name, const std::string& torch,
              const Gate& gate, WidthList& widths);

/// An inverted residual block's end (Sandler et al. 2018): a 1 x 1 convolution, NAME.project, and
/// the block's input added where its extents are the published network's; else the convolution is
/// what torchvision names `name`.
struct Projection {
  int64_t width, stride;  // as published
  Aliases names;
};
void project(GraphBuilder& net, Top& top, const Top& input, const std::string& name, Projection end,
             WidthList& widths);

/// Of the layers fc6, fc7, ... (AlexNet, VGG) what some file has: hidden units, classes, and the
/// side of the map that they read, of as many channels as the last width.
void fit_classifier(NetParams& params, const WeightDims& dims);

/// Of a torchvision Sequential (convolution, batch norm, activation): its three modules.
Aliases conv_norm_names(const std::string& sequential);
/// Of a convolution and a batch norm with names of their own.
Aliases conv_and_norm(const std::string& conv, const std::string& norm);

}  // namespace hdecomp
