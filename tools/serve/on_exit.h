/// Undoes at the end of a scope what its beginning did.
#pragma once

#include <utility>

namespace hdecomp::tools {

template <class Undo>
class OnExit {
 public:
  /// `undo` must not throw.
  explicit OnExit(Undo undo) : undo_(std::move(undo)) {}
  ~OnExit() { undo_(); }
  OnExit(const OnExit&) = delete;
  OnExit& operator=(const OnExit&) = delete;

 private:
  Undo undo_;
};

}  // namespace hdecomp::tools
