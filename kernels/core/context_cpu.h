/// What the CPU ops that call oneDNN share: its handles, and its calls with their errors named.
#pragma once

#include <omp.h>

#include <cstdint>
#include <dnnl.hpp>
#include <type_traits>

#include "hdecomp/error.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/core/waiting.h"

namespace hdecomp {

struct Context::Cpu {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};

  /// Memory that one op at a time uses while it runs: each reserves what it is about to take.
  void reserve_scratch(int64_t bytes) { scratch_.reserve(bytes); }
  char* scratch() const { return scratch_.begin(); }

  /// What one of oneDNN's primitives at a time works in, beside an op's own: kept apart from it,
  /// and reserved when the primitive is planned (kernels/core/primitive_dnnl.h).
  void reserve_scratchpad(int64_t bytes) { scratchpad_.reserve(bytes); }
  char* scratchpad() const { return scratchpad_.begin(); }

  /// What the factors of products are packed into (kernels/product/product_cpu.h).
  void reserve_packing(int64_t bytes) { packing_.reserve(bytes); }
  char* packing() const { return packing_.begin(); }

 private:
  /// As large as the largest reserved so far; growing loses what is in it.
  class Room {
   public:
    void reserve(int64_t bytes) {
      if (bytes <= bytes_) return;
      memory_ = allocate({}, bytes);
      bytes_ = bytes;
    }
    char* begin() const { return static_cast<char*>(memory_.get()); }

   private:
    Buffer memory_;
    int64_t bytes_ = 0;
  };

  Room scratch_, scratchpad_, packing_;
};

/// oneDNN takes its thread count from OpenMP's setting of the calling thread: this sets it for a
/// scope and puts back what the embedding program had.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ~ThreadScope() { omp_set_num_threads(before_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

/// Runs `call`, which returns nothing or plans something, for `threads` threads, of which its loops
/// have fewer beside other programs; a oneDNN failure becomes an Error that begins with `what`.
template <class Call>
auto with_dnnl(const char* what, int threads, Call&& call) {
  const ThreadScope scope(threads);
  try {
    if constexpr (std::is_void_v<decltype(call())>) {
      // A primitive asks for as many threads as it was planned for.
      const int now = threads_now(threads);
      now < threads && !omp_in_parallel() ? with_at_most(now, call) : call();
    } else {
      return call();
    }
  } catch (const dnnl::error& fault) {
    throw Error(joined(what, ": oneDNN says '", fault.message, "' (status ", fault.status, ")"));
  }
}

}  // namespace hdecomp
