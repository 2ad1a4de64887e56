// Live maps: stamps, the overlay, stencils, and orientations.
#include <vector>

#include "bindings.hpp"
#include "columns.hpp"
#include "heatgrid/live/overlay.hpp"
#include "heatgrid/live/stamp.hpp"
#include "heatgrid/shapes/orientation.hpp"

namespace heatgrid::bindings {
namespace {

using Signs = py::array_t<std::int8_t, py::array::c_style>;
using Words = py::array_t<std::uint16_t, py::array::c_style>;
using Places = py::array_t<std::int32_t, py::array::c_style>;
using Footprints = std::vector<Footprint*>;

std::int32_t cell_index(std::int64_t value, std::int32_t cells) noexcept {
    return static_cast<std::int32_t>(std::min<std::int64_t>(std::max<std::int64_t>(value, 0), cells));
}

std::vector<Rectangle> limits_of(const Integers& limits, std::size_t count, Grid grid) {
    if (limits.ndim() != 2 || limits.shape(1) != 4 || static_cast<std::size_t>(limits.shape(0)) != count) {
        refuse("limits must have shape (" + std::to_string(count) + ", 4)");
    }
    std::vector<Rectangle> rectangles(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t* const row = limits.data() + 4 * i;
        rectangles[i] = {cell_index(row[0], grid.columns), cell_index(row[1], grid.columns),
                         cell_index(row[2], grid.rows), cell_index(row[3], grid.rows)};
    }
    return rectangles;
}

double stamp(const ShapeColumns& columns, py::array& heat, const Doubles& amounts,
             const std::optional<Doubles>& size, std::optional<Footprints>& footprints,
             const std::optional<Integers>& limits, Bytes& outcome) {
    Shapes shapes = columns.view();
    if (shapes.kinds || shapes.has(Kind::polygon) || shapes.has(Kind::lines) || shapes.points.offsets) {
        refuse("shapes must be boxes, single points, discs or masks");
    }
    shapes.set_sizes(sizes_view(size, shapes.count));
    const Memory output("heat", heat);
    for (const Memory& input : columns.inputs()) input.check_apart(output);
    check_apart("amounts", std::optional(amounts), output);
    const Sums plane = planes_view<double>(heat);
    if (plane.classes != 1) refuse("heat must be one plane");
    Stamping stamping;
    stamping.amounts = weights_view(amounts, shapes.count);
    if (footprints) {
        if (footprints->size() != shapes.count) refuse("footprints must have one entry per shape");
        stamping.footprints = footprints->data();
    }
    std::vector<Rectangle> rectangles;
    if (limits) {
        rectangles = limits_of(*limits, shapes.count, plane.grid);
        stamping.limits = rectangles.data();
    }
    stamping.outcomes = outcome_view(outcome, shapes.count);
    return without_gil([&] { return stamp_shapes(shapes, stamping, plane); });
}

// Validates a frame. Its rows may be apart, as in a view of a larger one; the bytes of a row are adjacent.
void check_frame(const py::array& frame, const char* name) {
    if (!frame.dtype().is(py::dtype::of<std::uint8_t>()) || frame.ndim() != 3 || frame.shape(2) != 3) {
        refuse(std::string(name) + " must be uint8 of shape (height, width, 3)");
    }
    if (frame.shape(0) < 1 || frame.shape(1) < 1) refuse(std::string(name) + " must have pixels");
    if (frame.shape(0) > max_cells_per_axis || frame.shape(1) > max_cells_per_axis) {
        refuse(std::string(name) + " must not exceed 2^26 pixels along an axis");
    }
    if (frame.strides(2) != 1 || frame.strides(1) != 3) {
        refuse(std::string(name) + " must hold its rows' bytes one after the other");
    }
}

void overlay(const Doubles& heat, double scale, double offset, const Bytes& colors, const Words& opacities,
             const py::array& source, py::array& target) {
    check_frame(source, "frame");
    check_frame(target, "out");
    if (!target.writeable()) refuse("out must be writeable");
    if (source.shape(0) != target.shape(0) || source.shape(1) != target.shape(1)) {
        refuse("out must have the shape of the frame");
    }
    if (heat.ndim() != 2 || heat.shape(0) < 1 || heat.shape(1) < 1) refuse("heat must be a grid");
    if (colors.ndim() != 2 || colors.shape(0) != Palette::levels || colors.shape(1) != 3) {
        refuse("colors must have shape (257, 3)");
    }
    if (opacities.ndim() != 1 || opacities.shape(0) != Palette::levels) {
        refuse("opacities must have shape (257,)");
    }
    for (std::size_t level = 0; level < Palette::levels; ++level) {
        if (opacities.data()[level] > 256) refuse("opacities must be at most 256");
    }
    const Grid grid{static_cast<std::int32_t>(heat.shape(0)), static_cast<std::int32_t>(heat.shape(1))};
    const Palette palette = make_palette(colors.data(), opacities.data());
    const Frame frame{
        static_cast<const std::uint8_t*>(source.data()), source.strides(0),
        static_cast<std::uint8_t*>(target.mutable_data()), target.strides(0),
        Grid{static_cast<std::int32_t>(source.shape(0)), static_cast<std::int32_t>(source.shape(1))}};
    const py::gil_scoped_release release;
    draw_overlay(heat.data(), grid, {scale, offset}, palette, frame);
}

void lay(py::array& frame, const Places& places, const Words& ink, const Words& rest) {
    check_frame(frame, "frame");
    if (!frame.writeable()) refuse("frame must be writeable");
    if (places.ndim() != 2 || places.shape(1) != 2) refuse("places must have shape (N, 2)");
    const auto count = static_cast<std::size_t>(places.shape(0));
    if (ink.ndim() != 2 || ink.shape(0) != places.shape(0) || ink.shape(1) != 3) {
        refuse("ink must have shape (N, 3)");
    }
    if (rest.ndim() != 1 || rest.shape(0) != places.shape(0)) refuse("rest must have shape (N,)");
    for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t* const place = places.data() + 2 * i;
        if (place[0] < 0 || place[0] >= frame.shape(0) || place[1] < 0 || place[1] >= frame.shape(1)) {
            refuse("places must lie in the frame");
        }
    }
    const Stencil stencil{places.data(), ink.data(), rest.data(), count};
    auto* const target = static_cast<std::uint8_t*>(frame.mutable_data());
    const std::ptrdiff_t stride = frame.strides(0);
    const py::gil_scoped_release release;
    lay_stencil(stencil, target, stride);
}

Signs orientations(const Doubles& a, const Doubles& b, const Doubles& c) {
    const std::size_t count = rows_of(a, "a", 2);
    if (rows_of(b, "b", 2) != count || rows_of(c, "c", 2) != count) refuse("a, b and c must match in length");
    Signs signs(static_cast<py::ssize_t>(count));
    const auto position = [](const Doubles& array, std::size_t i) {
        return Position{array.data()[2 * i], array.data()[2 * i + 1]};
    };
    std::int8_t* const found = signs.mutable_data();
    without_gil([&] {
        Checkpoint check;
        for (std::size_t i = 0; i < count; ++i) {
            check(100);
            found[i] = static_cast<std::int8_t>(orientation(position(a, i), position(b, i), position(c, i)));
        }
    });
    return signs;
}

}  // namespace

void bind_live(py::module_& module) {
    py::class_<Footprint>(module, "Footprint")
        .def(py::init<>())
        .def("clear", &Footprint::clear)
        .def_property_readonly("bytes", &Footprint::bytes);
    module.def("stamp", &stamp, py::arg("shapes"), py::arg("heat").noconvert(),
               py::arg("amounts").noconvert(), py::arg("size").noconvert(), py::arg("footprints"),
               py::arg("limits").noconvert(), py::arg("outcome").noconvert());
    module.def("overlay", &overlay, py::arg("heat").noconvert(), py::arg("scale"), py::arg("offset"),
               py::arg("colors").noconvert(), py::arg("opacities").noconvert(), py::arg("frame").noconvert(),
               py::arg("out").noconvert());
    module.def("lay", &lay, py::arg("frame").noconvert(), py::arg("places").noconvert(),
               py::arg("ink").noconvert(), py::arg("rest").noconvert());
    module.def("orientations", &orientations, py::arg("a").noconvert(), py::arg("b").noconvert(),
               py::arg("c").noconvert());
}

}  // namespace heatgrid::bindings
