// The counting calls: convert and check with the GIL held, then one call without it.
#include <tuple>

#include "arrays.hpp"
#include "bindings.hpp"

namespace heatgrid::bindings {
namespace {

using Outcomes = py::array_t<std::uint8_t, py::array::c_style>;

// What every call takes beside its shapes.
struct Call {
    py::array out;
    std::optional<Doubles> sizes;
    std::optional<Integers> labels;
    std::optional<Integers> images;
    std::optional<Doubles> weights;
    std::optional<Outcomes> outcomes;
    std::size_t threads;
};

// How many annotations had each outcome, typed for the stub.
using Tallied = std::tuple<std::size_t, std::size_t, std::size_t, std::size_t, std::size_t>;

Tallied as_tuple(const Tally& tally) { return {tally[0], tally[1], tally[2], tally[3], tally[4]}; }

// Counts into int64, or sums into float64 where weights or areas are wanted.
template <class Count, class Sum>
Tallied run(Call& call, std::size_t annotations, bool is_sum, const Count& count, const Sum& sum) {
    Batch batch;
    batch.labels = labels_view(call.labels, annotations,
                               call.out.ndim() == 3 ? static_cast<std::size_t>(call.out.shape(0)) : 1);
    batch.images = images_view(call.images, annotations);
    batch.weights = weights_view(call.weights, annotations);
    batch.outcomes = outcomes_view(call.outcomes, annotations);
    batch.threads = call.threads;
    Tally tally;
    if (is_sum || batch.weights) {
        if (batch.images) refuse("images do not go with weights or areas");
        const Sums sums = planes_view<double>(call.out);
        const py::gil_scoped_release release;
        tally = sum(batch, sums);
    } else {
        const Counts counts = planes_view<std::int64_t>(call.out);
        const py::gil_scoped_release release;
        tally = count(batch, counts);
    }
    return as_tuple(tally);
}

Tallied boxes(const Doubles& xyxy, Call& call, Rule rule, double large_box_ratio) {
    Boxes view{xyxy.data(), rows_of(xyxy, "xyxy", 4), {}};
    view.sizes = sizes_view(call.sizes, view.count);
    const BoxOptions options{rule, large_box_ratio};
    return run(
        call, view.count, rule == Rule::area,
        [&](const Batch& batch, const Counts& counts) { return count_boxes(view, batch, options, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_boxes(view, batch, options, sums); });
}

Tallied points(const Doubles& xy, Call& call, bool clamp) {
    Points view{xy.data(), rows_of(xy, "xy", 2), {}};
    view.sizes = sizes_view(call.sizes, view.count);
    const OutsidePoints outside = clamp ? OutsidePoints::clamp : OutsidePoints::drop;
    return run(
        call, view.count, false,
        [&](const Batch& batch, const Counts& counts) { return count_points(view, batch, outside, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_points(view, batch, outside, sums); });
}

Tallied polygons(const Doubles& coords, const Integers& rings, const std::optional<Integers>& parts,
                 const std::optional<Integers>& annotations, Call& call, Rule rule) {
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
    view.sizes = sizes_view(call.sizes, view.count);
    return run(
        call, view.count, rule == Rule::area,
        [&](const Batch& batch, const Counts& counts) { return count_polygons(view, batch, rule, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_polygons(view, batch, rule, sums); });
}

}  // namespace

void bind_counting(py::module_& module) {
    module.attr("max_cells_per_axis") = max_cells_per_axis;
    py::native_enum<Rule>(module, "Rule", "enum.Enum")
        .value("center", Rule::center)
        .value("touch", Rule::touch)
        .value("point", Rule::point)
        .value("area", Rule::area)
        .finalize();
    py::class_<Call>(module, "Call")
        .def(py::init([](py::array out, std::optional<Doubles> sizes, std::optional<Integers> labels,
                         std::optional<Integers> images, std::optional<Doubles> weights,
                         std::optional<Outcomes> outcomes, std::size_t threads) {
                 return Call{std::move(out),
                             std::move(sizes),
                             std::move(labels),
                             std::move(images),
                             std::move(weights),
                             std::move(outcomes),
                             threads};
             }),
             py::arg("out").noconvert(), py::arg("sizes").noconvert(), py::arg("labels").noconvert(),
             py::arg("images").noconvert(), py::arg("weights").noconvert(), py::arg("outcomes").noconvert(),
             py::arg("threads"));
    module.def("count_boxes", &boxes, py::arg("xyxy").noconvert(), py::arg("call"), py::arg("rule"),
               py::arg("large_box_ratio"));
    module.def("count_points", &points, py::arg("xy").noconvert(), py::arg("call"), py::arg("clamp"));
    module.def("count_polygons", &polygons, py::arg("coords").noconvert(), py::arg("rings").noconvert(),
               py::arg("parts").noconvert(), py::arg("annotations").noconvert(), py::arg("call"),
               py::arg("rule"));
}

}  // namespace heatgrid::bindings
