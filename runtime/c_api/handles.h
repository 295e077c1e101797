/// How a call of the C interface goes: from exceptions to its status, in batches, its results put.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "runtime/c_api/members.h"

namespace hdecomp::c_api {

/// Takes down the exception that is being handled as this thread's last error.
hdecomp_status note_fault() noexcept;

/// Runs `work`; what it throws becomes a status and this thread's last error.
template <class Work>
hdecomp_status guarded(const Work& work) noexcept {
  try {
    work();
    return HDECOMP_OK;
  } catch (...) {
    return note_fault();
  }
}

/// Makes the object that a function returns through its last argument.
template <class Object, class... Parts>
void put(Object** to, Parts&&... parts) {
  *to = new Object{std::forward<Parts>(parts)...};
}

inline std::vector<Image> copies_of(const hdecomp_image* const* images, size_t count) {
  if (count > 0) required(images, "images");
  std::vector<Image> copies;
  for (size_t i = 0; i < count; ++i) copies.push_back(required(images[i], "an image").image);
  return copies;
}

/// Has `work` look at `count` images, copies of which it gets as many at a time as go together.
template <class Work>
void in_batches(const Explainer& explainer, const hdecomp_image* const* images, size_t count,
                const Work& work) {
  if (count > 0) required(images, "images");
  const auto most = static_cast<size_t>(explainer.batch());
  for (size_t first = 0; first < count; first += most) {
    work(copies_of(images + first, std::min(most, count - first)));
  }
}
/// Makes the objects that a function returns in an array of the caller's.
template <class Object, class Result>
void put_all(Object** to, std::vector<Result> results) {
  std::vector<std::unique_ptr<Object>> made;
  for (Result& one : results) made.emplace_back(new Object{std::move(one)});
  for (size_t i = 0; i < made.size(); ++i) to[i] = made[i].release();
}
/// Of what one of Explainer's functions makes of `count` images.
template <class Object, class Result, class Options>
void put_batches(Object** to, Explainer& explainer, const hdecomp_image* const* images,
                 size_t count,
                 std::vector<Result> (Explainer::*look)(std::span<const Image>, const Options&),
                 const Options& options) {
  std::vector<Result> found;
  in_batches(explainer, images, count, [&](std::span<const Image> batch) {
    std::ranges::move((explainer.*look)(batch, options), std::back_inserter(found));
  });
  put_all(to, std::move(found));
}
/// What `count()` returns; 0 where it throws, whose words are kept.
template <class Count>
int64_t count_of(const Count& count) {
  int64_t counted = 0;
  guarded([&] { counted = count(); });
  return counted;
}

/// Its texts stay the score's.
hdecomp_class_score score_of(const ClassScore& score);

inline std::stop_token token_of(const hdecomp_stop* stop) {
  return stop == nullptr ? std::stop_token() : stop->source.get_token();
}

/// Element `i` of a list. Throws UserError that says how many there are.
template <class T>
const T& at(const std::vector<T>& list, int64_t i, const char* what) {
  if (i >= 0 && i < std::ssize(list)) return list[i];
  throw UserError(joined("no ", what, " ", i, "; there are ", list.size()));
}

/// A callback of the caller's; what is not 0 ends the call.
template <class... Numbers>
std::function<void(Numbers...)> callback(int32_t (*call)(void*, Numbers...), void* data) {
  if (call == nullptr) return {};
  return [=](Numbers... numbers) {
    if (call(data, numbers...) != 0) throw Stopped("stopped as its callback asked");
  };
}

}  // namespace hdecomp::c_api
