// Binding functions, one per group; module.cpp calls them.
#pragma once

#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

namespace heatgrid::bindings {

void bind_counting(pybind11::module_& module);
void bind_live(pybind11::module_& module);
void bind_reading(pybind11::module_& module);

}  // namespace heatgrid::bindings
