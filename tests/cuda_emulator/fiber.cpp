/// Stacks for fibers, each with a page that faults on overflow, and the notes that the address
/// sanitizer wants at every switch.
#include "fiber.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

// There only in a program built with the address sanitizer; null elsewhere.
extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** notes, const void* stack, size_t bytes);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* notes, const void** stack, size_t* bytes);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* memory, size_t bytes);
}

namespace emulator {
namespace {

constexpr size_t kStackBytes = 128 * 1024;
constexpr size_t kShiftSteps = 61;
constexpr size_t kShiftBytes = 64 * 3;

thread_local constinit Fiber* entered = nullptr;

/// The OS thread's own stack, and where it stands while a fiber runs.
struct Home {
  Home() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    pthread_attr_getstack(&attributes, &stack, &stack_bytes);
    pthread_attr_destroy(&attributes);
  }
  static Home& mine() {
    thread_local Home home;
    return home;
  }
  MachineContextPointer context = make_machine_context();
  void* stack = nullptr;
  size_t stack_bytes = 0;
};

size_t guard_bytes() {
  static const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return page;
}

void start_switch(void** notes, const void* stack, size_t bytes) {
  if (__sanitizer_start_switch_fiber != nullptr) {
    __sanitizer_start_switch_fiber(notes, stack, bytes);
  }
}

void finish_switch(void* notes) {
  if (__sanitizer_finish_switch_fiber != nullptr) {
    __sanitizer_finish_switch_fiber(notes, nullptr, nullptr);
  }
}

}  // namespace

Fiber::Fiber(size_t number, Work work)
    : work_(work),
      shift_(number % kShiftSteps * kShiftBytes),
      memory_(mmap(nullptr, kStackBytes + guard_bytes(), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)),
      context_(make_machine_context()) {
  if (memory_ == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory_, guard_bytes(), PROT_NONE);  // stacks grow down
  prepare();
}

Fiber::~Fiber() {
  if (__asan_unpoison_memory_region != nullptr) {
    __asan_unpoison_memory_region(stack_start(), kStackBytes);
  }
  munmap(memory_, kStackBytes + guard_bytes());
}

void* Fiber::stack_start() const { return static_cast<char*>(memory_) + guard_bytes(); }

void Fiber::prepare() {
  prepare_context(*context_, stack_start(), kStackBytes - shift_, &Fiber::main);
}

void Fiber::main() {
  Fiber& self = *entered;
  finish_switch(nullptr);
  for (;;) {
    self.idle_ = false;
    Fiber* next = self.work_();
    self.idle_ = true;
    self.pass_to(next);
  }
}

void Fiber::enter() {
  entered = this;
  void* notes = nullptr;
  start_switch(&notes, stack_start(), kStackBytes);
  switch_context(*Home::mine().context, *context_);
  finish_switch(notes);
}

void Fiber::pass_to(Fiber* next) {
  entered = next;
  if (next != nullptr) {
    start_switch(&notes_, next->stack_start(), kStackBytes);
    switch_context(*context_, *next->context_);
  } else {
    Home& home = Home::mine();
    start_switch(&notes_, home.stack, home.stack_bytes);
    switch_context(*context_, *home.context);
  }
  finish_switch(notes_);
}

void Fiber::abandon() {
  Home& home = Home::mine();
  start_switch(nullptr, home.stack, home.stack_bytes);
  switch_context(*context_, *home.context);
  std::abort();  // an abandoned fiber was entered
}

void Fiber::reset() {
  if (__asan_unpoison_memory_region != nullptr) {
    __asan_unpoison_memory_region(stack_start(), kStackBytes);
  }
  prepare();
  idle_ = true;
}

}  // namespace emulator
