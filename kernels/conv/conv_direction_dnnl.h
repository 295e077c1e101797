/// One direction of a convolution, one image at a time: oneDNN's primitive between maps whose
/// layout the caller has chosen, reordered where the primitive wants another.
#pragma once

#include <optional>

#include "kernels/conv/conv_dnnl.h"

namespace hdecomp::cpu {

/// The caller's layout on the outside, that which the primitive chose on the inside.
class ConvPort {
 public:
  ConvPort(const Context& context, const dnnl::memory::desc& outside,
           const dnnl::memory::desc& inside)
      : context_(&context),
        outside_(outside, context.cpu().engine, nullptr),
        inside_(inside, context.cpu().engine, nullptr) {
    direct_ = outside == inside;
  }
  /// A multiple of 64, so that the next port's scratch is aligned too.
  int64_t scratch_bytes() const {
    return direct_ ? 0 : static_cast<int64_t>((inside_.get_desc().get_size() + 63) / 64 * 64);
  }

  /// Points the port at its map and at scratch memory for the inner layout.
  void bind(const float* data, void* scratch) {
    outside_.set_data_handle(const_cast<float*>(data));
    inside_.set_data_handle(direct_ ? const_cast<float*>(data) : scratch);
  }
  void enter() { copy(outside_, inside_); }
  void leave() { copy(inside_, outside_); }
  const dnnl::memory& inside() const { return inside_; }

 private:
  void copy(const dnnl::memory& from, const dnnl::memory& to) {
    if (direct_) return;
    if (!reorder_) reorder_.emplace(*context_, from.get_desc(), to.get_desc());
    reorder_->run(from, to);
  }

  const Context* context_;
  dnnl::memory outside_, inside_;
  bool direct_ = false;
  std::optional<Reorder> reorder_;
};

/// The primitive, its arguments and the two ports they are bound through.
class ConvDirection {
 public:
  ConvDirection(const Context& context, int threads, Primitive primitive, ConvPort in, ConvPort out)
      : context_(&context),
        threads_(threads),
        primitive_(std::move(primitive)),
        in_(std::move(in)),
        out_(std::move(out)) {
    context_->cpu().reserve_scratch(in_.scratch_bytes() + out_.scratch_bytes());
  }

  /// `from` and `to`: the names of the maps' arguments. Those of the rest keep their memory;
  /// `kept` is what holds that of the weights, if anything has to.
  void set(int from, int to, Primitive::Arguments rest, std::shared_ptr<const float> kept = {}) {
    arguments_ = std::move(rest);
    kept_ = std::move(kept);
    arguments_.insert_or_assign(from, in_.inside());
    arguments_.insert_or_assign(to, out_.inside());
  }

  void run(const float* from, float* to) {
    with_dnnl("convolution", threads_, [&] {
      char* base = context_->cpu().scratch();
      in_.bind(from, base);
      out_.bind(to, base + in_.scratch_bytes());
      in_.enter();
      primitive_.run(arguments_);
      out_.leave();
      context_->cpu().stream.wait();
    });
  }

 private:
  const Context* context_;
  int threads_;
  Primitive primitive_;
  ConvPort in_, out_;
  Primitive::Arguments arguments_;
  std::shared_ptr<const float> kept_;
};

}  // namespace hdecomp::cpu
