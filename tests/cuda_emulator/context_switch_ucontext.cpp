/// The stack switch for any POSIX machine: ucontext starts a flow of control, _setjmp and _longjmp,
/// which ask nothing of the kernel, do all later switches.
#undef _FORTIFY_SOURCE  // its longjmp refuses to jump to another stack
#include <setjmp.h>
#include <ucontext.h>

#include "context_switch.h"

namespace emulator {

struct MachineContext {
  ucontext_t start;
  jmp_buf here;
  bool started = true;  // only a prepared context is not
};

void MachineContextDeleter::operator()(MachineContext* context) const { delete context; }

MachineContextPointer make_machine_context() { return MachineContextPointer(new MachineContext); }

void prepare_context(MachineContext& context, void* stack, size_t stack_bytes, void (*entry)()) {
  getcontext(&context.start);
  context.start.uc_stack.ss_sp = stack;
  context.start.uc_stack.ss_size = stack_bytes;
  context.start.uc_link = nullptr;
  makecontext(&context.start, entry, 0);
  context.started = false;
}

void switch_context(MachineContext& from, MachineContext& to) {
  if (_setjmp(from.here) != 0) return;
  if (to.started) _longjmp(to.here, 1);
  to.started = true;
  setcontext(&to.start);
}

}  // namespace emulator
