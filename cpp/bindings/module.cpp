// The module heatgrid._core.
#include "bindings.hpp"

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
    module.doc() = "Compiled kernel. heatgrid.core.kernel is its only caller and its documentation.";
    heatgrid::bindings::bind_counting(module);
    heatgrid::bindings::bind_live(module);
    heatgrid::bindings::bind_reading(module);
}
