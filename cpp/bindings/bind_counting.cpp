// The counting calls: convert and check with the GIL held, then one call without it.
#include <tuple>

#include "arrays.hpp"
#include "bindings.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/ring_quality.hpp"
#include "mask_arrays.hpp"

namespace heatgrid::bindings {
namespace {

using Flags = py::array_t<bool, py::array::c_style>;
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

Tallied discs(const Doubles& values, Call& call) {
    const Discs view{values.data(), rows_of(values, "discs", 3)};
    return run(
        call, view.count, false,
        [&](const Batch& batch, const Counts& counts) { return count_discs(view, batch, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_discs(view, batch, sums); });
}

// The levels of polygons, innermost first; a missing one is the identity.
struct PolygonColumns {
    Doubles coords;
    Integers rings;
    std::optional<Integers> parts;
    std::optional<Integers> annotations;

    [[nodiscard]] Polygons view() const {
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
        return view;
    }
};

// Points of N annotations.
struct PointColumns {
    Doubles coords;
    Integers offsets;
    Bytes visible;

    [[nodiscard]] PointSets view() const {
        const std::size_t points = rows_of(coords, "coords", 2);
        check_length(visible, "visible", points);
        PointSets view;
        view.count = check_offsets(offsets, "points", points, "coordinates");
        view.coordinates = coords.data();
        view.offsets = offsets.data();
        view.visible = visible.data();
        return view;
    }
};

// Open paths of N annotations; without `annotations`, every path is one.
struct LineColumns {
    Doubles coords;
    Integers paths;
    std::optional<Integers> annotations;

    [[nodiscard]] Lines view() const {
        Lines view;
        view.coordinates = coords.data();
        view.count = check_offsets(paths, "paths", rows_of(coords, "coords", 2), "vertices");
        view.path_offsets = paths.data();
        if (annotations) {
            view.count = check_offsets(*annotations, "annotations", view.count, "paths");
            view.annotation_offsets = annotations->data();
        }
        return view;
    }
};

Tallied polygons(const PolygonColumns& columns, Call& call, Rule rule) {
    Polygons view = columns.view();
    view.sizes = sizes_view(call.sizes, view.count);
    return run(
        call, view.count, rule == Rule::area,
        [&](const Batch& batch, const Counts& counts) { return count_polygons(view, batch, rule, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_polygons(view, batch, rule, sums); });
}

Tallied lines(const LineColumns& columns, Call& call, Rule rule) {
    Lines view = columns.view();
    view.sizes = sizes_view(call.sizes, view.count);
    return run(
        call, view.count, false,
        [&](const Batch& batch, const Counts& counts) { return count_lines(view, batch, rule, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_lines(view, batch, rule, sums); });
}

Tallied run_masks(const Masks& view, Call& call, Rule rule) {
    return run(
        call, view.count, rule == Rule::area,
        [&](const Batch& batch, const Counts& counts) { return count_masks(view, batch, rule, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_masks(view, batch, rule, sums); });
}

Tallied masks(const MaskColumns& columns, Call& call, Rule rule) {
    return run_masks(columns.view(), call, rule);
}

Tallied bitmaps(const std::vector<py::array>& arrays, Call& call, Rule rule) {
    return run_masks(Bitmaps(arrays).view(), call, rule);
}

Tallied mixed(const Bytes& kinds, const std::optional<Doubles>& boxes,
              const std::optional<PolygonColumns>& polygons, const std::optional<MaskColumns>& masks,
              const std::optional<PointColumns>& points, const std::optional<LineColumns>& lines, Call& call,
              Rule rule, double large_box_ratio) {
    Mixed view;
    view.count = static_cast<std::size_t>(kinds.size());
    view.kinds = kinds.data();
    const Sizes sizes = sizes_view(call.sizes, view.count);
    std::uint8_t present = 0;
    const auto note = [&](Kind kind, std::size_t count) {
        if (count != view.count) refuse("every column must have one entry an annotation");
        present = static_cast<std::uint8_t>(present | static_cast<std::uint8_t>(kind));
    };
    if (boxes) {
        view.boxes = {boxes->data(), rows_of(*boxes, "boxes", 4), sizes};
        note(Kind::box, view.boxes.count);
    }
    if (polygons) {
        view.polygons = polygons->view();
        view.polygons.sizes = sizes;
        note(Kind::polygon, view.polygons.count);
    }
    if (masks) {
        view.masks = masks->view();
        note(Kind::mask, view.masks.count);
    }
    if (points) {
        view.points = points->view();
        view.points.sizes = sizes;
        note(Kind::points, view.points.count);
    }
    if (lines) {
        view.lines = lines->view();
        view.lines.sizes = sizes;
        note(Kind::lines, view.lines.count);
    }
    for (std::size_t i = 0; i < view.count; ++i) {
        const std::uint8_t kind = view.kinds[i];
        if ((kind & present) == 0 || (kind & (kind - 1)) != 0)
            refuse("every annotation must have one kind, at hand");
    }
    const BoxOptions options{rule, large_box_ratio};
    return run(
        call, view.count, false,
        [&](const Batch& batch, const Counts& counts) { return count_mixed(view, batch, options, counts); },
        [&](const Batch& batch, const Sums& sums) { return sum_mixed(view, batch, options, sums); });
}

Bytes qualities_of(const Doubles& coords, const Integers& rings) {
    const std::size_t vertices = rows_of(coords, "coords", 2);
    const std::size_t count = check_offsets(rings, "rings", vertices, "vertices");
    Bytes qualities(static_cast<py::ssize_t>(count));
    std::uint8_t* const bits = qualities.mutable_data();
    {
        const py::gil_scoped_release release;
        judge_rings(coords.data(), rings.data(), count, bits);
    }
    return qualities;
}

Flags soundness_of(const MaskColumns& columns) {
    const Masks masks = columns.view();
    Flags sound(static_cast<py::ssize_t>(masks.count));
    bool* const marks = sound.mutable_data();
    {
        const py::gil_scoped_release release;
        MaskScan scan(Grid{1, 1}, Rule::center);
        for (std::size_t i = 0; i < masks.count; ++i) marks[i] = scan.is_sound(masks, i);
    }
    return sound;
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
    py::native_enum<RingQuality>(module, "RingQuality", "enum.Enum")
        .value("three_points", RingQuality::three_points)
        .value("not_finite", RingQuality::not_finite)
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
    module.def("count_discs", &discs, py::arg("discs").noconvert(), py::arg("call"));
    py::class_<PolygonColumns>(module, "PolygonColumns")
        .def(py::init([](Doubles coords, Integers rings, std::optional<Integers> parts,
                         std::optional<Integers> annotations) {
                 return PolygonColumns{std::move(coords), std::move(rings), std::move(parts),
                                       std::move(annotations)};
             }),
             py::arg("coords").noconvert(), py::arg("rings").noconvert(), py::arg("parts").noconvert(),
             py::arg("annotations").noconvert());
    py::class_<MaskColumns>(module, "MaskColumns")
        .def(py::init([](Integers sizes, Bytes codes, Integers code_offsets, Integers runs,
                         Integers run_offsets, bool column_major) {
                 return MaskColumns{std::move(sizes), std::move(codes),       std::move(code_offsets),
                                    std::move(runs),  std::move(run_offsets), column_major};
             }),
             py::arg("sizes").noconvert(), py::arg("codes").noconvert(), py::arg("code_offsets").noconvert(),
             py::arg("runs").noconvert(), py::arg("run_offsets").noconvert(), py::arg("column_major"));
    py::class_<PointColumns>(module, "PointColumns")
        .def(py::init([](Doubles coords, Integers offsets, Bytes visible) {
                 return PointColumns{std::move(coords), std::move(offsets), std::move(visible)};
             }),
             py::arg("coords").noconvert(), py::arg("offsets").noconvert(), py::arg("visible").noconvert());
    py::class_<LineColumns>(module, "LineColumns")
        .def(py::init([](Doubles coords, Integers paths, std::optional<Integers> annotations) {
                 return LineColumns{std::move(coords), std::move(paths), std::move(annotations)};
             }),
             py::arg("coords").noconvert(), py::arg("paths").noconvert(), py::arg("annotations").noconvert());
    module.def("count_polygons", &polygons, py::arg("columns"), py::arg("call"), py::arg("rule"));
    module.def("count_lines", &lines, py::arg("columns"), py::arg("call"), py::arg("rule"));
    module.def("count_masks", &masks, py::arg("columns"), py::arg("call"), py::arg("rule"));
    module.def("count_bitmaps", &bitmaps, py::arg("arrays"), py::arg("call"), py::arg("rule"));
    module.def("count_mixed", &mixed, py::arg("kinds").noconvert(), py::arg("boxes").noconvert(),
               py::arg("polygons"), py::arg("masks"), py::arg("points"), py::arg("lines"), py::arg("call"),
               py::arg("rule"), py::arg("large_box_ratio"));
    module.def("judge_masks", &soundness_of, py::arg("columns"));
    module.def("judge_rings", &qualities_of, py::arg("coords").noconvert(), py::arg("rings").noconvert());
}

}  // namespace heatgrid::bindings
