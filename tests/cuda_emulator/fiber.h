/// A fiber: a stack of its own on which a thread of a block runs until it has to wait.
#pragma once

#include <cstddef>

#include "context_switch.h"

namespace emulator {

/// Belongs to the OS thread that made it. Control goes from the OS thread's own stack (home) to a
/// fiber, from fiber to fiber, and back home.
class Fiber {
 public:
  /// What a fiber does whenever it begins anew. The fiber is idle when it returns, and control goes
  /// to the fiber that it returns, or home for null.
  using Work = Fiber* (*)();

  /// `number` shifts where the stack begins, so that the fibers' stacks do not all fall into the
  /// same few sets of the cache. Throws std::bad_alloc if there is no memory for a stack.
  Fiber(size_t number, Work work);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// From home: runs the fiber, and those to which it passes, until one goes home.
  void enter();
  /// From this fiber: goes to another, or home for null. Returns when control comes to this one.
  void pass_to(Fiber* next);
  /// From this fiber: goes home for good. The next thing done to it must be reset().
  [[noreturn]] void abandon();
  /// From home: forgets what the fiber was doing, without unwinding its stack, and makes it idle.
  void reset();
  /// Whether it will begin its work anew.
  bool idle() const { return idle_; }

 private:
  static void main();
  void prepare();
  void* stack_start() const;

  Work work_;
  size_t shift_;
  void* memory_;
  MachineContextPointer context_;
  bool idle_ = true;
  void* notes_ = nullptr;  // the address sanitizer's
};

}  // namespace emulator
