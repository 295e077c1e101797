/// cuDNN's descriptors of a convolution and the choice of its algorithms.
#include "kernels/conv/conv_algorithms_cuda.h"

#include <algorithm>

#include "kernels/core/to_int.h"

namespace hdecomp::cuda {
namespace {

// The algorithms that are deterministic and lose no precision to speak of: products of the very
// numbers, and Winograd's small tiles, whose transforms are sums alone. Not among them: FFT and the
// large tiles of the non-fused Winograd (errors above 1e-5 in float32), and cuDNN's backward
// algorithm 0, which adds in the order in which blocks come. In the order in which they are tried
// where cuDNN's estimate has none of them.
constexpr std::array forward_algorithms{
    CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
    CUDNN_CONVOLUTION_FWD_ALGO_GEMM, CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD};
constexpr std::array backward_algorithms{CUDNN_CONVOLUTION_BWD_DATA_ALGO_1,
                                         CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD};

// Beyond this an algorithm's workspace is not worth its speed.
constexpr size_t most_workspace = size_t{1} << 30;

cudnnDataType_t element_type(Precision precision) {
  if (precision == Precision::bf16) return CUDNN_DATA_BFLOAT16;
  return precision == Precision::fp16 ? CUDNN_DATA_HALF : CUDNN_DATA_FLOAT;
}

/// Strict float32 is fused multiply-adds; cuDNN's default would take TF32 where the chip has it.
cudnnMathType_t widest_math(Precision precision) {
  if (precision == Precision::float32) return CUDNN_FMA_MATH;
  return precision == Precision::tf32 ? CUDNN_DEFAULT_MATH : CUDNN_TENSOR_OP_MATH;
}

void describe(const TensorDescriptor& tensor, cudnnDataType_t type, const Shape& shape) {
  HDECOMP_CHECK(cudnnSetTensor4dDescriptor(tensor.get(), CUDNN_TENSOR_NCHW, type, to_int(shape[0]),
                                           to_int(shape[1]), to_int(shape[2]), to_int(shape[3])));
}

}  // namespace

ConvDescription::ConvDescription(const Context& context, const ConvSpec& spec)
    : context_(context), spec_(spec) {
  HDECOMP_CHECK(cudnnCreateTensorDescriptor(x_.out()));
  HDECOMP_CHECK(cudnnCreateTensorDescriptor(y_.out()));
  HDECOMP_CHECK(cudnnCreateFilterDescriptor(weight_.out()));
  HDECOMP_CHECK(cudnnCreateConvolutionDescriptor(conv_.out()));

  const cudnnDataType_t type = element_type(context.precision());
  describe(x_, type, spec.input_shape());
  describe(y_, type, spec.output_shape());
  const Shape weight = spec.weight_shape();
  HDECOMP_CHECK(cudnnSetFilter4dDescriptor(weight_.get(), type, CUDNN_TENSOR_NCHW,
                                           to_int(weight[0]), to_int(weight[1]), to_int(weight[2]),
                                           to_int(weight[3])));
  HDECOMP_CHECK(cudnnSetConvolution2dDescriptor(conv_.get(), to_int(spec.pad_h), to_int(spec.pad_w),
                                                to_int(spec.stride_h), to_int(spec.stride_w),
                                                to_int(spec.dilation_h), to_int(spec.dilation_w),
                                                CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
  HDECOMP_CHECK(cudnnSetConvolutionGroupCount(conv_.get(), to_int(spec.groups)));
  HDECOMP_CHECK(cudnnSetConvolutionMathType(conv_.get(), widest_math(context.precision())));
}

ConvKey ConvDescription::key(bool forward) const {
  return {forward,           spec_.batch,
          spec_.in_channels, spec_.height,
          spec_.width,       spec_.out_channels,
          spec_.kernel_h,    spec_.kernel_w,
          spec_.stride_h,    spec_.stride_w,
          spec_.pad_h,       spec_.pad_w,
          spec_.dilation_h,  spec_.dilation_w,
          spec_.groups,      static_cast<int64_t>(context_.precision())};
}

template <class Choose>
ConvChoice ConvDescription::kept_or(bool forward, Choose choose) const {
  auto& kept = context_.cuda().conv_choices;
  const auto found = kept.find(key(forward));
  if (found != kept.end()) return found->second;
  // The other direction's choice may have left another.
  HDECOMP_CHECK(cudnnSetConvolutionMathType(conv(), widest_math(context_.precision())));
  return kept[key(forward)] = choose();
}

template <class Performance, class Algorithms, class Workspace>
ConvChoice ConvDescription::first_allowed(const Performance* begin, int count,
                                          const Algorithms& allowed, Workspace workspace) const {
  const cudnnMathType_t most = widest_math(context_.precision());
  const auto runs = [&](auto algorithm, cudnnMathType_t math, size_t& bytes) {
    HDECOMP_CHECK(cudnnSetConvolutionMathType(conv(), math));
    return workspace(algorithm, bytes) == CUDNN_STATUS_SUCCESS && bytes <= most_workspace;
  };
  size_t bytes = 0;
  for (const Performance* it = begin; it != begin + count; ++it) {
    if (it->status != CUDNN_STATUS_SUCCESS || it->determinism != CUDNN_DETERMINISTIC) continue;
    if (std::ranges::find(allowed, it->algo) == allowed.end()) continue;
    const cudnnMathType_t math = most == CUDNN_TENSOR_OP_MATH ? it->mathType : most;
    if (!runs(it->algo, math, bytes)) continue;
    return {static_cast<int>(it->algo), math, static_cast<int64_t>(bytes)};
  }
  for (const auto algorithm : allowed) {
    if (!runs(algorithm, most, bytes)) continue;
    return {static_cast<int>(algorithm), most, static_cast<int64_t>(bytes)};
  }
  throw Error(joined("conv: cuDNN has no deterministic algorithm for x ", spec_.input_shape(),
                     ", weight ", spec_.weight_shape(), ", ", spec_.groups, " groups"));
}

ConvChoice ConvDescription::forward_choice() const {
  return kept_or(true, [&] {
    std::array<cudnnConvolutionFwdAlgoPerf_t, 2 * CUDNN_CONVOLUTION_FWD_ALGO_COUNT> found{};
    int count = 0;
    const cudnnHandle_t dnn = context_.cuda().dnn();
    HDECOMP_CHECK(cudnnGetConvolutionForwardAlgorithm_v7(
        dnn, x(), weight(), conv(), y(), static_cast<int>(found.size()), &count, found.data()));
    return first_allowed(found.data(), count, forward_algorithms,
                         [&](cudnnConvolutionFwdAlgo_t algorithm, size_t& bytes) {
                           return cudnnGetConvolutionForwardWorkspaceSize(
                               dnn, x(), weight(), conv(), y(), algorithm, &bytes);
                         });
  });
}

ConvChoice ConvDescription::backward_choice() const {
  return kept_or(false, [&] {
    std::array<cudnnConvolutionBwdDataAlgoPerf_t, 2 * CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT>
        found{};
    int count = 0;
    const cudnnHandle_t dnn = context_.cuda().dnn();
    HDECOMP_CHECK(cudnnGetConvolutionBackwardDataAlgorithm_v7(
        dnn, weight(), y(), conv(), x(), static_cast<int>(found.size()), &count, found.data()));
    return first_allowed(found.data(), count, backward_algorithms,
                         [&](cudnnConvolutionBwdDataAlgo_t algorithm, size_t& bytes) {
                           return cudnnGetConvolutionBackwardDataWorkspaceSize(
                               dnn, weight(), y(), conv(), x(), algorithm, &bytes);
                         });
  });
}

}  // namespace hdecomp::cuda
