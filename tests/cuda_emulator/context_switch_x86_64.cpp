/// The stack switch for x86-64 under the System V calling convention: the registers that a call
/// must preserve go onto the old stack and come off the new one.
#include <cstdint>

#include "context_switch.h"

// void emulator_switch_stack(void** old_stack_pointer, void* new_stack_pointer)
asm(R"(
.text
.p2align 4
.globl emulator_switch_stack
.hidden emulator_switch_stack
.type emulator_switch_stack, @function
emulator_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulator_switch_stack, .-emulator_switch_stack
)");

extern "C" void emulator_switch_stack(void** old_stack_pointer, void* new_stack_pointer);

namespace emulator {

struct MachineContext {
  void* stack_pointer = nullptr;
};

void MachineContextDeleter::operator()(MachineContext* context) const { delete context; }

MachineContextPointer make_machine_context() { return MachineContextPointer(new MachineContext); }

void prepare_context(MachineContext& context, void* stack, size_t stack_bytes, void (*entry)()) {
  constexpr int kSavedRegisters = 6;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(stack) + stack_bytes) & ~uintptr_t{15};
  auto* slot = reinterpret_cast<uintptr_t*>(end);
  *--slot = 0;  // where `entry` would return to: ends a debugger's walk up the stack
  *--slot = reinterpret_cast<uintptr_t>(entry);
  for (int i = 0; i < kSavedRegisters; ++i) *--slot = 0;
  context.stack_pointer = slot;
}

void switch_context(MachineContext& from, MachineContext& to) {
  emulator_switch_stack(&from.stack_pointer, to.stack_pointer);
}

}  // namespace emulator
