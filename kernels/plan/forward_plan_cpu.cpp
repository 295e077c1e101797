/// The forward plan on the CPU: oneDNN's blocked layouts from layer to layer, plain ones where they
/// are asked for.
#include "kernels/plan/forward_plan_cpu.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/plan/channels_last_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;

namespace {

std::unique_ptr<Tensor> plain_tensor(const Shape& shape) {
  auto plain = std::make_unique<Tensor>(Device{}, shape);
  std::ranges::fill(plain->span(), 0.0f);  // images that no run has filled yet
  return plain;
}

}  // namespace

void ForwardPlanCpu::look_ahead(const StepsAhead& steps) {
  last_readers_ = steps.last_readers;
  in_blocks_ = blocks_suit(steps.convs);
  if (in_blocks_) {
    homes_ = steps.homes;
  } else {
    moved_on_ = steps.moved_on;
  }
  over_ = dynamic_cast<const ForwardPlanCpu*>(steps.over);
  at_home_.resize(homes_.size());
}

int ForwardPlanCpu::input(const Shape& shape) {
  batch_ = images_ = shape[0];
  return plain_output(shape).step;
}

void ForwardPlanCpu::run(const Tensor& images) {
  std::memcpy(outputs_.at(0).plain->data(), images.data(), images.elements() * sizeof(float));
  run_from(0, images.shape()[0]);
}

void ForwardPlanCpu::run_from(int first, int64_t images) {
  images_ = images;
  for (const Output& out : outputs_) {
    out.fresh = out.plain && !out.brought;
    out.fresh_pieces.clear();
  }
  auto step = std::find_if(steps_.cbegin(), steps_.cend(),
                           [first](const Step& one) { return one.output >= first; });
  while (step != steps_.cend()) {
    const auto end = std::find_if(step, steps_.cend(), [](const Step& one) { return !one.deep; });
    for (int64_t i = 0; i < images_; ++i) {
      for (auto own = step; own != end; ++own) own->run(i, i + 1);
    }
    step = end;
    for (; step != steps_.cend() && !step->deep; ++step) step->run(0, images_);
  }
  if (magnitudes_.elements() == 0) return;
  const int64_t watched = sources_.elements() / batch_ * images_;
  Tensor magnitudes({}, {watched}, magnitudes_.data());
  hdecomp::largest_magnitudes(context_, rows(sources_, 0, watched), magnitudes);
}

bool ForwardPlanCpu::goes_deep(int step) const {
  return std::ranges::none_of(steps_,
                              [step](const Step& one) { return one.output == step && !one.deep; });
}

const Tensor& ForwardPlanCpu::output(int step) const {
  const Output& out = outputs_.at(step);
  if (!out.fresh) bring(out);
  out.fresh = true;
  return *out.plain;
}

void ForwardPlanCpu::watch(const std::vector<int>& steps) {
  const int64_t watched = std::ssize(steps);
  sources_ = {{}, {batch_ * watched}};
  magnitudes_ = {{}, {batch_, watched}};
  for (int64_t image = 0; image < batch_; ++image) {
    for (int64_t k = 0; k < watched; ++k) {
      // In its own layout; what oneDNN pads is zero.
      const memory& output = outputs_.at(steps[k]).images[image];
      sources_.data()[image * watched + k] = {
          static_cast<const float*>(output.get_data_handle()),
          static_cast<int64_t>(output.get_desc().get_size() / sizeof(float))};
    }
  }
}

int ForwardPlanCpu::add_output(const Shape& shape, std::vector<memory> images) {
  outputs_.push_back({shape, std::move(images), nullptr, {}});
  return static_cast<int>(outputs_.size()) - 1;
}

void ForwardPlanCpu::add_step(const char* what, int threads, Primitive primitive,
                              const Arguments& arguments, bool deep) {
  std::vector<Primitive::Arguments> calls(batch_);
  for (const auto& [name, held] : arguments) {
    for (int64_t i = 0; i < batch_; ++i) calls[i][name] = held[held.size() == 1 ? 0 : i];
  }
  steps_.push_back({next_step(),
                    [this, what, threads, primitive = std::move(primitive),
                     calls = std::move(calls)](int64_t first, int64_t end) mutable {
                      with_dnnl(what, threads, [&] {
                        for (int64_t i = first; i < end; ++i) primitive.run(calls[i]);
                        context_.cpu().stream.wait();
                      });
                    },
                    deep});
}

std::vector<memory> ForwardPlanCpu::in_layout(int from, const memory::desc& wanted) {
  const std::vector<memory>& given = outputs_.at(from).images;
  if (given[0].get_desc() == wanted) return given;
  for (const Copies& known : copies_) {
    if (known.of == given[0].get() && known.images[0].get_desc() == wanted) return known.images;
  }
  return with_dnnl("reorder, planning", context_.threads(), [&] {
    const std::vector<memory> copies = take(wanted, last_reader(from));
    copies_.push_back({given[0].get(), copies});
    add_step("reorder", context_.threads(),
             Reorder(context_, given[0].get_desc(), wanted).primitive(),
             {{DNNL_ARG_FROM, given}, {DNNL_ARG_TO, copies}});
    return copies;
  });
}

std::unique_ptr<Tensor> ForwardPlanCpu::kept_plain(int step, const Shape& shape) const {
  if (over_ == nullptr) return plain_tensor(shape);
  return std::make_unique<Tensor>(Device{}, shape, over_->outputs_.at(step).plain->data());
}

void ForwardPlanCpu::make_plain(const Output& out) const {
  if (!out.plain && over_ != nullptr) {
    const Output& theirs = over_->outputs_.at(&out - outputs_.data());
    over_->make_plain(theirs);
    out.plain = std::make_unique<Tensor>(Device{}, out.shape, theirs.plain->data());
  } else if (!out.plain) {
    const bool all = images_ == batch_;  // are filled by those who ask, on all threads
    out.plain = all ? std::make_unique<Tensor>(Device{}, out.shape) : plain_tensor(out.shape);
  }
  out.brought = true;
}

void ForwardPlanCpu::bring(const Output& out) const {
  make_plain(out);
  const int64_t size = out.plain->elements() / batch_;
  with_dnnl("reading an activation", context_.threads(), [&] {
    for (int64_t i = 0; i < images_; ++i) {
      const memory& from = out.images[i];
      if (const auto cells = side_by_side_cells(from.get_desc(), out.shape)) {
        channels_to_planes(context_, *cells, static_cast<const float*>(from.get_data_handle()),
                           out.plain->data() + i * size);
        continue;
      }
      const memory to(ConvTerms::plain(one_of(out.shape)), engine(), out.plain->data() + i * size);
      if (!out.reorder) out.reorder.emplace(context_, from.get_desc(), to.get_desc());
      out.reorder->run(from, to);
    }
    context_.cpu().stream.wait();
  });
}

ForwardPlanCpu::PlainOutput ForwardPlanCpu::plain_output(const Shape& shape) {
  const int until = last_reader(next_step());
  std::unique_ptr<Tensor> plain =
      until == kept
          ? kept_plain(next_step(), shape)
          : std::make_unique<Tensor>(
                Device{}, shape,
                static_cast<float*>(place(shape.elements() * sizeof(float), until, all_images)));
  std::vector<memory> images;
  const int64_t size = shape.elements() / batch_;
  for (int64_t i = 0; i < batch_; ++i) {
    images.emplace_back(ConvTerms::plain(one_of(shape)), engine(), plain->data() + i * size);
  }
  const int step = add_output(shape, std::move(images));
  outputs_[step].plain = std::move(plain);
  outputs_[step].fresh = true;
  return {step, *outputs_[step].plain};
}

int ForwardPlanCpu::plain(std::span<const int> from, const Shape& shape, PlainBody body) {
  const PlainOutput out = plain_output(shape);
  const auto run = [this, from = std::vector<int>(from.begin(), from.end()), body = std::move(body),
                    inputs = std::vector<const Tensor*>(from.size()),
                    &to = out.tensor](int64_t, int64_t) mutable {
    for (size_t k = 0; k < from.size(); ++k) inputs[k] = &output(from[k]);
    body(inputs, to);
  };
  steps_.push_back({out.step, run, false});
  return out.step;
}

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context, WeightStore* store) {
  return std::make_unique<ForwardPlanCpu>(context, store);
}

}  // namespace hdecomp::cpu
