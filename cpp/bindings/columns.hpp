// Columns of annotations as numpy arrays.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"

namespace heatgrid::bindings {

/// One byte per annotation or point: bool or uint8.
inline const std::uint8_t* bytes_view(const std::optional<py::array>& values, const char* name,
                                      std::size_t count) {
    if (!values) return nullptr;
    check_length(*values, name, count);
    if (values->itemsize() != 1 || !(values->flags() & py::array::c_style)) {
        refuse(std::string(name) + " must be a contiguous array of bools or uint8");
    }
    return static_cast<const std::uint8_t*>(values->data());
}

/// Polygons: one array of offsets per level, innermost first; a missing level is the identity.
struct PolygonColumns {
    PolygonColumns(Doubles vertices, const Integers& ring_offsets,
                   const std::optional<Integers>& part_offsets,
                   const std::optional<Integers>& annotation_offsets)
        : coords(std::move(vertices)),
          rings(own(ring_offsets)),
          parts(own_level(part_offsets, ring_offsets)),
          annotations(own_level(annotation_offsets, part_offsets ? *part_offsets : ring_offsets)),
          inputs{{"coords", coords}, {"offsets", ring_offsets}} {
        if (part_offsets) inputs.emplace_back("offsets", *part_offsets);
        if (annotation_offsets) inputs.emplace_back("offsets", *annotation_offsets);
    }

    Doubles coords;
    Integers rings;
    std::optional<Integers> parts;
    std::optional<Integers> annotations;
    Inputs inputs;

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

/// Open paths; without `annotations`, every path is an annotation.
struct LineColumns {
    LineColumns(Doubles vertices, const Integers& path_offsets,
                const std::optional<Integers>& annotation_offsets)
        : coords(std::move(vertices)),
          paths(own(path_offsets)),
          annotations(own_level(annotation_offsets, path_offsets)),
          inputs{{"coords", coords}, {"offsets", path_offsets}} {
        if (annotation_offsets) inputs.emplace_back("offsets", *annotation_offsets);
    }

    Doubles coords;
    Integers paths;
    std::optional<Integers> annotations;
    Inputs inputs;

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

/// Point sets; without `offsets`, every point is an annotation.
struct PointColumns {
    PointColumns(Doubles places, const std::optional<Integers>& point_offsets,
                 std::optional<py::array> visibility)
        : coords(std::move(places)),
          offsets(own(point_offsets)),
          visible(std::move(visibility)),
          inputs{{"xy", coords}} {
        if (point_offsets) inputs.emplace_back("offsets", *point_offsets);
    }

    Doubles coords;
    std::optional<Integers> offsets;
    std::optional<py::array> visible;
    Inputs inputs;

    [[nodiscard]] PointSets view() const {
        PointSets view;
        view.coordinates = coords.data();
        view.count = rows_of(coords, "coords", 2);
        view.visible = bytes_view(visible, "visible", view.count);
        if (offsets) {
            view.count = check_offsets(*offsets, "points", view.count, "coordinates");
            view.offsets = offsets->data();
        }
        return view;
    }
};

/// Run-length codes: per mask either characters (COCO's compressed code) or runs.
struct MaskColumns {
    MaskColumns(const Integers& heights_widths, Bytes characters, const Integers& code_begins,
                Integers lengths, const Integers& run_begins, bool is_column_major)
        : sizes(own(heights_widths)),
          codes(std::move(characters)),
          code_offsets(own(code_begins)),
          runs(std::move(lengths)),
          run_offsets(own(run_begins)),
          column_major(is_column_major),
          inputs{{"masks", heights_widths},
                 {"masks", codes},
                 {"masks", code_begins},
                 {"masks", runs},
                 {"masks", run_begins}} {}

    Integers sizes;  // (N, 2) height, width
    Bytes codes;
    Integers code_offsets;
    Integers runs;
    Integers run_offsets;
    bool column_major;
    Inputs inputs;

    [[nodiscard]] Masks view() const {
        if (sizes.ndim() != 2 || sizes.shape(1) != 2) refuse("sizes of masks must have shape (N, 2)");
        Masks view;
        view.count = static_cast<std::size_t>(sizes.shape(0));
        view.sizes = sizes.data();
        view.codes = codes.data();
        view.code_offsets = offsets_view(code_offsets, "codes", view.count,
                                         static_cast<std::size_t>(codes.size()), "characters");
        view.runs = runs.data();
        view.run_offsets = offsets_view(run_offsets, "runs", view.count,
                                        static_cast<std::size_t>(runs.size()), "run lengths");
        view.order = column_major ? PixelOrder::column_major : PixelOrder::row_major;
        return view;
    }
};

/// Two-dimensional arrays of bytes or bools, of any strides.
class Bitmaps {
  public:
    explicit Bitmaps(std::vector<py::array> arrays) : arrays_(std::move(arrays)) {
        for (std::size_t i = 0; i < arrays_.size(); ++i) {
            const py::array& array = arrays_[i];
            if (array.ndim() != 2) refuse("masks[" + std::to_string(i) + "] must have two dimensions");
            if (array.itemsize() != 1) refuse("masks[" + std::to_string(i) + "] must hold bools or uint8");
            bitmaps_.push_back(
                {static_cast<const std::uint8_t*>(array.data()), array.strides(0), array.strides(1)});
            sizes_.push_back(array.shape(0));
            sizes_.push_back(array.shape(1));
            inputs.emplace_back("masks", array);
        }
    }

    Inputs inputs;

    /// Valid as long as this object.
    [[nodiscard]] Masks view() const noexcept {
        Masks view;
        view.count = bitmaps_.size();
        view.sizes = sizes_.data();
        view.bitmaps = bitmaps_.data();
        return view;
    }

  private:
    std::vector<py::array> arrays_;
    std::vector<Bitmap> bitmaps_;
    std::vector<std::int64_t> sizes_;
};

/// Columns of N annotations, validated once; keeps the arrays alive that its view points to. Offsets, kinds
/// and sizes of masks are copied, since another thread may change them while the kernel runs. Coordinates,
/// codes and pixels are not: the kernel reads them such that no value leads outside of any array.
class ShapeColumns {
  public:
    ShapeColumns(const std::optional<Bytes>& kinds, std::optional<Doubles> boxes,
                 std::optional<Doubles> discs, std::optional<PolygonColumns> polygons,
                 std::optional<MaskColumns> masks, std::optional<PointColumns> points,
                 std::optional<LineColumns> lines, std::optional<std::vector<py::array>> bitmaps)
        : kinds_(own(kinds)),
          boxes_(std::move(boxes)),
          discs_(std::move(discs)),
          polygons_(std::move(polygons)),
          masks_(std::move(masks)),
          points_(std::move(points)),
          lines_(std::move(lines)) {
        if (bitmaps) bitmaps_.emplace(std::move(*bitmaps));
        if (masks_ && bitmaps_) refuse("masks must be run-length codes or bitmaps, not both");
        if (kinds_) {
            if (kinds_->ndim() != 1) refuse("kinds must have shape (N,)");
            view_.kinds = kinds_->data();
            view_.count = static_cast<std::size_t>(kinds_->shape(0));
        }
        if (boxes_) {
            const Boxes boxes_view{boxes_->data(), rows_of(*boxes_, "xyxy", 4), {}};
            add(Kind::box, view_.boxes, boxes_view, {{"xyxy", *boxes_}});
        }
        if (polygons_) add(Kind::polygon, view_.polygons, polygons_->view(), polygons_->inputs);
        if (masks_) add(Kind::mask, view_.masks, masks_->view(), masks_->inputs);
        if (bitmaps_) add(Kind::mask, view_.masks, bitmaps_->view(), bitmaps_->inputs);
        if (points_) add(Kind::points, view_.points, points_->view(), points_->inputs);
        if (lines_) add(Kind::lines, view_.lines, lines_->view(), lines_->inputs);
        if (discs_) {
            const Discs discs_view{discs_->data(), rows_of(*discs_, "discs", 3)};
            add(Kind::disc, view_.discs, discs_view, {{"discs", *discs_}});
        }
        if (!kinds_ && view_.present == 0) refuse("kinds is required without a column of shapes");
    }
    ShapeColumns(const ShapeColumns&) = delete;
    ShapeColumns& operator=(const ShapeColumns&) = delete;

    [[nodiscard]] const Shapes& view() const noexcept { return view_; }
    /// The arrays that the caller passed.
    [[nodiscard]] const Inputs& inputs() const noexcept { return inputs_; }

  private:
    template <class View>
    void add(Kind kind, View& member, const View& view, const Inputs& inputs) {
        inputs_.insert(inputs_.end(), inputs.begin(), inputs.end());
        if (!kinds_ && view_.present != 0) refuse("kinds is required with several columns of shapes");
        if (!kinds_) view_.count = view.count;
        if (view.count != view_.count) {
            refuse("every column must have " + std::to_string(view_.count) +
                   " entries, one per annotation, got " + std::to_string(view.count));
        }
        member = view;
        view_.present = static_cast<std::uint8_t>(view_.present | static_cast<std::uint8_t>(kind));
    }

    std::optional<Bytes> kinds_;
    std::optional<Doubles> boxes_;
    std::optional<Doubles> discs_;
    std::optional<PolygonColumns> polygons_;
    std::optional<MaskColumns> masks_;
    std::optional<PointColumns> points_;
    std::optional<LineColumns> lines_;
    std::optional<Bitmaps> bitmaps_;
    Shapes view_;
    Inputs inputs_;
};

}  // namespace heatgrid::bindings
