/// A oneDNN primitive that works in its context's memory.
///
/// Left alone, one works in memory of the thread that made it (oneDNN 2.6 built without
/// DNNL_ENABLE_CONCURRENT_EXEC, as Debian's is): run on another thread it wrote to no address at
/// all, destroyed there it left its own thread's memory behind.
#pragma once

#include <unordered_map>

#include "kernels/core/context_cpu.h"

namespace hdecomp::cpu {

/// What every primitive is described with: the memory it works in is given at each run.
inline dnnl::primitive_attr attributes() {
  dnnl::primitive_attr made;
  made.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return made;
}

/// Runs on any thread, though on one at a time, as the context does.
class Primitive {
 public:
  using Arguments = std::unordered_map<int, dnnl::memory>;

  /// `description`: one with attributes(). The context must outlive the primitive.
  template <class Description>
  Primitive(const Context& context, const Description& description)
      : cpu_(&context.cpu()),
        primitive_(description.get()),
        scratchpad_(description.scratchpad_desc(), cpu_->engine, nullptr) {
    cpu_->reserve_scratchpad(static_cast<int64_t>(description.scratchpad_desc().get_size()));
  }

  /// Adds the scratchpad to the arguments.
  void run(Arguments& arguments) {
    scratchpad_.set_data_handle(cpu_->scratchpad());  // a later primitive may have moved it
    arguments.insert_or_assign(DNNL_ARG_SCRATCHPAD, scratchpad_);
    primitive_.execute(cpu_->stream, arguments);
  }

 private:
  Context::Cpu* cpu_;
  dnnl::primitive primitive_;
  dnnl::memory scratchpad_;
};

/// From one layout to another.
class Reorder {
 public:
  Reorder(const Context& context, const dnnl::memory::desc& from, const dnnl::memory::desc& to)
      : primitive_(context, described(context.cpu().engine, from, to)) {}

  void run(const dnnl::memory& from, const dnnl::memory& to) {
    Primitive::Arguments arguments{{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    primitive_.run(arguments);
  }
  const Primitive& primitive() const { return primitive_; }

 private:
  static dnnl::reorder::primitive_desc described(const dnnl::engine& engine,
                                                 const dnnl::memory::desc& from,
                                                 const dnnl::memory::desc& to) {
    return {engine, from, engine, to, attributes()};
  }

  Primitive primitive_;
};

}  // namespace hdecomp::cpu
