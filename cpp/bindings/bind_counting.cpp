// Counting and selection of geometries: arguments are validated with the GIL held, and used without it.
#include "bindings.hpp"
#include "columns.hpp"
#include "heatgrid/count/count.hpp"
#include "heatgrid/count/select_geometry.hpp"
#include "heatgrid/shapes/mask.hpp"

namespace heatgrid::bindings {
namespace {

using Flags = py::array_t<bool, py::array::c_style>;

// Adds to `grids`, and to `unions`, one grid of all classes together, or to neither; to neither with
// `is_strict` if an annotation has a fault. Returns the number of faults. If the call raises, grids are
// unchanged, or undefined with `is_fresh`.
std::size_t count(const ShapeColumns& columns, py::array& grids, Rule rule, std::optional<py::array>& unions,
                  const std::optional<Doubles>& sizes, const std::optional<Integers>& labels,
                  const std::optional<Integers>& images, const std::optional<Doubles>& weights,
                  Bytes& outcome, std::size_t threads, double large_box_ratio, bool clamp, bool is_fresh,
                  bool is_strict, std::size_t area_work) {
    const auto check_output = [&](const py::array& output) {
        const Memory memory("out", output);
        for (const Memory& input : columns.inputs()) input.check_apart(memory);
        check_apart("size", sizes, memory);
        check_apart("labels", labels, memory);
        check_apart("images", images, memory);
        check_apart("weights", weights, memory);
    };
    check_output(grids);
    if (unions) check_output(*unions);
    Shapes shapes = columns.view();
    shapes.set_sizes(sizes_view(sizes, shapes.count));
    CountOptions options;
    options.rule = rule;
    options.large_box_ratio = large_box_ratio;
    options.area_work = area_work;
    options.outside = clamp ? OutsidePoints::clamp : OutsidePoints::drop;
    Batch batch;
    batch.count = shapes.count;
    batch.labels =
        labels_view(labels, shapes.count, grids.ndim() == 3 ? static_cast<std::size_t>(grids.shape(0)) : 1);
    batch.images = images_view(images, shapes.count);
    batch.weights = weights_view(weights, shapes.count);
    batch.outcomes = outcome_view(outcome, shapes.count);
    batch.threads = threads;
    Results results;
    if (!is_fresh || is_strict) batch.results = &results;
    const auto finish = [&] {
        const std::size_t faults = count_faults(batch.outcomes, batch.count);
        if (!is_strict || faults == 0) results.write();
        return faults;
    };
    if (rule == Rule::area || batch.weights) {
        if (batch.images) refuse("images cannot be combined with weights or areas");
        const Sums sums = planes_view<double>(grids);
        return without_gil([&] {
            count_shapes(shapes, options, batch, sums);
            return finish();
        });
    }
    const Counts counts = planes_view<std::int64_t>(grids);
    std::optional<Counts> all;
    if (unions) all = planes_view<std::int64_t>(*unions);
    return without_gil([&] {
        std::vector<Outcome> outcomes;
        if (all) {
            outcomes.assign(batch.outcomes, batch.outcomes + batch.count);
            Batch unlabeled = batch;
            unlabeled.labels = nullptr;
            unlabeled.outcomes = outcomes.data();
            count_shapes(shapes, options, unlabeled, *all);
        }
        count_shapes(shapes, options, batch, counts);
        return finish();
    });
}

void select(const ShapeColumns& columns, const std::optional<py::array>& flags,
            const std::optional<py::array>& sized, Geometry geometry, bool with_area, Bytes& outcome,
            Bytes& kinds_out, Bytes& notes_out, std::optional<Doubles>& boxes_out) {
    SelectionInput input;
    input.shapes = columns.view();
    const std::size_t size = input.shapes.count;
    input.flags = bytes_view(flags, "flags", size);
    input.sized = bytes_view(sized, "sized", size);
    input.geometry = geometry;
    input.with_area = with_area;
    SelectionOutput output;
    output.outcomes = outcome_view(outcome, size);
    check_length(kinds_out, "kinds_out", size);
    output.kinds = kinds_out.mutable_data();
    check_length(notes_out, "notes_out", size);
    output.notes = notes_out.mutable_data();
    if (boxes_out) {
        if (rows_of(*boxes_out, "boxes_out", 4) != size) refuse("boxes_out must have one row per annotation");
        output.boxes = boxes_out->mutable_data();
    } else if (geometry == Geometry::box && input.shapes.has(Kind::polygon)) {
        refuse("boxes_out is required for the bounding boxes of polygons");
    }
    without_gil([&] { select_geometry(input, output); });
}

Flags valid_masks(const MaskColumns& columns) {
    const Masks masks = columns.view();
    Flags are_valid(static_cast<py::ssize_t>(masks.count));
    bool* const valid = are_valid.mutable_data();
    without_gil([&] {
        MaskScan scan(Grid{1, 1}, Rule::center);
        for (std::size_t i = 0; i < masks.count; ++i) valid[i] = scan.is_valid_mask(masks, i);
    });
    return are_valid;
}

void bind_enumerations(py::module_& module) {
    py::native_enum<Rule>(module, "Rule", "enum.Enum")
        .value("center", Rule::center)
        .value("touch", Rule::touch)
        .value("point", Rule::point)
        .value("area", Rule::area)
        .finalize();
    py::native_enum<Geometry>(module, "Geometry", "enum.Enum")
        .value("auto_", Geometry::automatic)
        .value("box", Geometry::box)
        .value("polygon", Geometry::polygon)
        .value("mask", Geometry::mask)
        .value("point", Geometry::point)
        .value("line", Geometry::line)
        .finalize();
    py::native_enum<Outcome>(module, "Outcome", "enum.IntEnum")
        .value("COUNTED", Outcome::counted)
        .value("COUNTED_AS_POINT", Outcome::counted_as_point)
        .value("EMPTY", Outcome::empty)
        .value("OUTSIDE", Outcome::outside)
        .value("NOT_FINITE", Outcome::not_finite)
        .value("NO_SIZE", Outcome::no_size)
        .value("NO_GEOMETRY", Outcome::no_geometry)
        .value("LINE_WITHOUT_AREA", Outcome::line_without_area)
        .value("POINT_WITHOUT_AREA", Outcome::point_without_area)
        .value("BROKEN_MASK", Outcome::broken_mask)
        .value("TOO_FEW_VERTICES", Outcome::too_few_vertices)
        .value("LINE_TOO_SHORT", Outcome::line_too_short)
        .value("NO_VISIBLE_POINT", Outcome::no_visible_point)
        .value("TOO_COMPLEX", Outcome::too_complex)
        .value("OTHER_CLASS", Outcome::other_class)
        .value("UNREADABLE", Outcome::unreadable)
        .value("EXCLUDED", Outcome::excluded)
        .value("PENDING", Outcome::pending)
        .finalize();
}

void bind_columns(py::module_& module) {
    py::class_<PolygonColumns>(module, "PolygonColumns")
        .def(py::init<Doubles, const Integers&, const std::optional<Integers>&,
                      const std::optional<Integers>&>(),
             py::arg("coords").noconvert(), py::arg("rings").noconvert(), py::arg("parts").noconvert(),
             py::arg("annotations").noconvert());
    py::class_<MaskColumns>(module, "MaskColumns")
        .def(py::init<const Integers&, Bytes, const Integers&, Integers, const Integers&, bool>(),
             py::arg("sizes").noconvert(), py::arg("codes").noconvert(), py::arg("code_offsets").noconvert(),
             py::arg("runs").noconvert(), py::arg("run_offsets").noconvert(), py::arg("column_major"));
    py::class_<PointColumns>(module, "PointColumns")
        .def(py::init<Doubles, const std::optional<Integers>&, std::optional<py::array>>(),
             py::arg("coords").noconvert(), py::arg("offsets").noconvert(), py::arg("visible").noconvert());
    py::class_<LineColumns>(module, "LineColumns")
        .def(py::init<Doubles, const Integers&, const std::optional<Integers>&>(),
             py::arg("coords").noconvert(), py::arg("paths").noconvert(), py::arg("annotations").noconvert());
    py::class_<ShapeColumns>(module, "Shapes")
        .def(py::init<const std::optional<Bytes>&, std::optional<Doubles>, std::optional<Doubles>,
                      std::optional<PolygonColumns>, std::optional<MaskColumns>, std::optional<PointColumns>,
                      std::optional<LineColumns>, std::optional<std::vector<py::array>>>(),
             py::arg("kinds").noconvert() = py::none(), py::arg("boxes").noconvert() = py::none(),
             py::arg("discs").noconvert() = py::none(), py::arg("polygons") = py::none(),
             py::arg("masks") = py::none(), py::arg("points") = py::none(), py::arg("lines") = py::none(),
             py::arg("bitmaps") = py::none());
}

}  // namespace

void bind_counting(py::module_& module) {
    module.attr("max_cells_per_axis") = max_cells_per_axis;
    module.def(
        "set_stop_check", [](py::typing::Callable<void()> check) { stop_check() = check.release().ptr(); },
        py::arg("check"));
    bind_enumerations(module);
    bind_columns(module);
    module.def("count", &count, py::arg("shapes"), py::arg("grids").noconvert(), py::arg("rule"),
               py::arg("unions").noconvert(), py::arg("sizes").noconvert(), py::arg("labels").noconvert(),
               py::arg("images").noconvert(), py::arg("weights").noconvert(), py::arg("outcome").noconvert(),
               py::arg("threads"), py::arg("large_box_ratio"), py::arg("clamp"), py::arg("is_fresh"),
               py::arg("is_strict"), py::arg("area_work"));
    module.def("select_geometry", &select, py::arg("shapes"), py::arg("flags").noconvert(),
               py::arg("sized").noconvert(), py::arg("geometry"), py::arg("with_area"),
               py::arg("outcome").noconvert(), py::arg("kinds_out").noconvert(),
               py::arg("notes_out").noconvert(), py::arg("boxes_out").noconvert());
    module.def("valid_masks", &valid_masks, py::arg("columns"));
}

}  // namespace heatgrid::bindings
