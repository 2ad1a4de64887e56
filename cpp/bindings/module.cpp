// heatgrid._core: a table of contents.
#include "bindings.hpp"

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
    module.doc() =
        "The kernel. heatgrid.core.counting, heatgrid.core.reading and heatgrid.core.stamping are its only callers and its "
        "documentation.";
    heatgrid::bindings::bind_counting(module);
    heatgrid::bindings::bind_live(module);
    heatgrid::bindings::bind_reading(module);
}
