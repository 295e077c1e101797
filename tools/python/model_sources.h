/// Where models come from in Python, and how the sizes and words of their input are given.
#pragma once

#include <string>

#include "tools/python/bindings.h"

namespace hdecomp::python {

Interpolation interpolation_from(const std::string& name);
/// A side, or (height, width).
PixelSize size_from(const py::object& given);

void add_sources(py::class_<Model>& binding);

}  // namespace hdecomp::python
