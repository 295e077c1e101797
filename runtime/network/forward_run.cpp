/// Starting a forward pass.
#include "runtime/network/forward_run.h"

#include "kernels/core/copy.h"
#include "kernels/map/softmax.h"

namespace hdecomp {
namespace {

Tensor to_host(const Context& context, const Tensor& tensor, BufferPool& host_pool) {
  Tensor host = take_tensor<float>(host_pool, tensor.shape());
  copy(context, tensor, host);
  return host;
}

}  // namespace

Tensor class_scores(const Executor& executor) {
  const Tensor& all = executor.feature(executor.graph().scores());
  const int64_t images = executor.batch();
  return {all.device(), {images, all.elements() / images}, const_cast<float*>(all.data())};
}

ForwardRun start_forward(const Context& context, Executor& executor, const Tensor& images,
                         Tensor& probabilities, BufferPool& host_pool, Wanted wanted) {
  ForwardRun run;
  run.begun = mark(context);
  executor.forward(images, wanted);
  run.done = mark(context);
  if (executor.graph().has_scores) {
    const Tensor scores = class_scores(executor);
    softmax_forward(context, scores, probabilities);
    run.scores = to_host(context, scores, host_pool);
    run.probabilities = to_host(context, probabilities, host_pool);
  }
  if (executor.magnitudes().elements() > 0)
    run.magnitudes = to_host(context, executor.magnitudes(), host_pool);
  run.read = mark(context);
  return run;
}

}  // namespace hdecomp
