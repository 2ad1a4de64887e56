// count_boxes, count_points, count_polygons: convert and check with the GIL held, then one call without it.
#include "arrays.hpp"
#include "bindings.hpp"

namespace heatgrid::bindings {
namespace {

using Outcomes = py::array_t<std::uint8_t, py::array::c_style>;
using TallyTuple = py::typing::Tuple<py::int_, py::int_, py::int_, py::int_, py::int_>;

TallyTuple as_tuple(const Tally& tally) {
    return py::make_tuple(tally[0], tally[1], tally[2], tally[3], tally[4]);
}

TallyTuple boxes(const Doubles& xyxy, py::array out, const std::optional<Doubles>& sizes,
                 const std::optional<Integers>& labels, std::optional<Outcomes> outcomes, Rule rule,
                 double large_box_ratio, std::size_t threads) {
    Boxes view{xyxy.data(), rows_of(xyxy, "xyxy", 4), {}};
    view.sizes = sizes_view(sizes, view.count);
    const Counts counts = counts_view(out);
    const Batch batch{labels_view(labels, view.count, counts.classes), outcomes_view(outcomes, view.count),
                      threads};
    Tally tally;
    {
        const py::gil_scoped_release release;
        tally = count_boxes(view, batch, BoxOptions{rule, large_box_ratio}, counts);
    }
    return as_tuple(tally);
}

TallyTuple points(const Doubles& xy, py::array out, const std::optional<Doubles>& sizes,
                  const std::optional<Integers>& labels, std::optional<Outcomes> outcomes, bool clamp,
                  std::size_t threads) {
    Points view{xy.data(), rows_of(xy, "xy", 2), {}};
    view.sizes = sizes_view(sizes, view.count);
    const Counts counts = counts_view(out);
    const Batch batch{labels_view(labels, view.count, counts.classes), outcomes_view(outcomes, view.count),
                      threads};
    Tally tally;
    {
        const py::gil_scoped_release release;
        tally = count_points(view, batch, clamp ? OutsidePoints::clamp : OutsidePoints::drop, counts);
    }
    return as_tuple(tally);
}

TallyTuple polygons(const Doubles& coords, const Integers& rings, const std::optional<Integers>& parts,
                    const std::optional<Integers>& annotations, py::array out,
                    const std::optional<Doubles>& sizes, const std::optional<Integers>& labels,
                    std::optional<Outcomes> outcomes, Rule rule, std::size_t threads) {
    Polygons view;
    view.coordinates = coords.data();
    view.count = check_offsets(rings, "rings", rows_of(coords, "coords", 2), "vertices");
    view.ring_offsets = rings.data();
    if (parts) {
        view.count = check_offsets(*parts, "parts", view.count, "rings");
        view.part_offsets = parts->data();
    }
    if (annotations) {
        view.count = check_offsets(*annotations, "annotations", view.count, "parts");
        view.annotation_offsets = annotations->data();
    }
    view.sizes = sizes_view(sizes, view.count);
    const Counts counts = counts_view(out);
    const Batch batch{labels_view(labels, view.count, counts.classes), outcomes_view(outcomes, view.count),
                      threads};
    Tally tally;
    {
        const py::gil_scoped_release release;
        tally = count_polygons(view, batch, rule, counts);
    }
    return as_tuple(tally);
}

}  // namespace

void bind_counting(py::module_& module) {
    module.attr("max_cells_per_axis") = max_cells_per_axis;
    py::native_enum<Rule>(module, "Rule", "enum.Enum")
        .value("center", Rule::center)
        .value("touch", Rule::touch)
        .value("point", Rule::point)
        .finalize();
    module.def("count_boxes", &boxes, py::arg("xyxy").noconvert(), py::arg("out").noconvert(),
               py::arg("sizes").noconvert(), py::arg("labels").noconvert(), py::arg("outcomes").noconvert(),
               py::arg("rule"), py::arg("large_box_ratio"), py::arg("threads"));
    module.def("count_points", &points, py::arg("xy").noconvert(), py::arg("out").noconvert(),
               py::arg("sizes").noconvert(), py::arg("labels").noconvert(), py::arg("outcomes").noconvert(),
               py::arg("clamp"), py::arg("threads"));
    module.def("count_polygons", &polygons, py::arg("coords").noconvert(), py::arg("rings").noconvert(),
               py::arg("parts").noconvert(), py::arg("annotations").noconvert(), py::arg("out").noconvert(),
               py::arg("sizes").noconvert(), py::arg("labels").noconvert(), py::arg("outcomes").noconvert(),
               py::arg("rule"), py::arg("threads"));
}

}  // namespace heatgrid::bindings
