/// Numpy arrays on values of ours.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hdecomp::python {

namespace py = pybind11;

using Owner = std::shared_ptr<const void>;

/// A numpy array on values that `owner` keeps: not copied, and read only.
template <class T>
py::array array_on(std::span<const T> values, std::vector<py::ssize_t> shape, const Owner& owner) {
  if (values.empty()) return py::array(py::dtype::of<T>(), std::move(shape));
  const py::capsule base(new Owner(owner), [](void* kept) { delete static_cast<Owner*>(kept); });
  py::array array(py::dtype::of<T>(), std::move(shape), values.data(), base);
  array.attr("flags").attr("writeable") = false;
  return array;
}
/// The same on values of its own.
template <class T>
py::array array_of(std::vector<T> values, std::vector<py::ssize_t> shape) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  return array_on(std::span<const T>(*kept), std::move(shape), kept);
}

}  // namespace hdecomp::python
