/// Jumping from one stack to another and back: one small implementation per kind of machine, of
/// which CMakeLists.txt picks one.
#pragma once

#include <cstddef>
#include <memory>

namespace emulator {

/// Where a flow of control stands that is not running now.
struct MachineContext;
struct MachineContextDeleter {
  void operator()(MachineContext* context) const;
};
using MachineContextPointer = std::unique_ptr<MachineContext, MachineContextDeleter>;

MachineContextPointer make_machine_context();
/// The first switch to `context` will call `entry` at the top of this stack. `entry` never returns.
void prepare_context(MachineContext& context, void* stack, size_t stack_bytes, void (*entry)());
/// Stores the caller in `from` and goes on where `to` stands. Returns when something switches to
/// `from`.
void switch_context(MachineContext& from, MachineContext& to);

}  // namespace emulator
