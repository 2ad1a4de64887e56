// heatgrid._core: a table of contents.
#include "bindings.hpp"

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
    module.doc() = "The counting kernel. heatgrid.counting is its only caller and its documentation.";
    heatgrid::bindings::bind_counting(module);
}
