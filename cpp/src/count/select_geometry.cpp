#include "heatgrid/count/select_geometry.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>

#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/simd/bits.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

using Bits = std::uint8_t;

constexpr Bits bit(Kind kind) noexcept { return static_cast<Bits>(kind); }
constexpr Bits bit(SelectionNote note) noexcept { return static_cast<Bits>(note); }

bool differ(const double* a, const double* b) noexcept { return !(a[0] == b[0] && a[1] == b[1]); }

// Whether a ring has three distinct vertices: the second one differs from the first, the third from both.
bool has_three_points(const double* first, const double* end) noexcept {
    const double* second = first;
    while (second != end && !differ(second, first)) second += 2;
    const double* third = second;
    while (third != end && !(differ(third, first) && differ(third, second))) third += 2;
    return third != end;
}

// Every number times 0 is 0, except infinity and NaN.
bool are_finite(const double* value, const double* end) noexcept {
    double sums[8] = {};
    for (; end - value >= 8; value += 8) {
        for (int i = 0; i < 8; ++i) sums[i] += value[i] * 0.0;
    }
    for (; value != end; ++value) sums[0] += *value * 0.0;
    double sum = 0.0;
    for (const double part : sums) sum += part;
    return sum == 0.0;
}

// State of one geometry. A geometry is usable if it is finite and proper.
struct State {
    bool is_finite = true;
    bool is_proper = true;
};

State state_of_polygon(const Polygons& polygons, std::size_t annotation) noexcept {
    State state{true, false};
    const std::size_t first = polygons.first_ring(polygons.first_part(annotation));
    const std::size_t last = polygons.first_ring(polygons.first_part(annotation + 1));
    for (std::size_t ring = first; ring < last; ++ring) {
        const double* const begin = polygons.coordinates + 2 * polygons.first_vertex(ring);
        const double* const end = polygons.coordinates + 2 * polygons.first_vertex(ring + 1);
        if (end - begin < 6) continue;
        state.is_finite = state.is_finite && are_finite(begin, end);
        state.is_proper = state.is_proper || has_three_points(begin, end);
    }
    return state;
}

State state_of_lines(const Lines& lines, std::size_t annotation) noexcept {
    State state{true, false};
    for (std::size_t path = lines.first_path(annotation); path < lines.first_path(annotation + 1); ++path) {
        const double* const begin = lines.coordinates + 2 * lines.first_vertex(path);
        const double* const end = lines.coordinates + 2 * lines.first_vertex(path + 1);
        if (end - begin < 4) continue;
        state.is_finite = state.is_finite && are_finite(begin, end);
        state.is_proper = true;
    }
    return state;
}

State state_of_points(const PointSets& points, std::size_t annotation) noexcept {
    State state{true, false};
    for (std::size_t k = points.first_point(annotation); k < points.first_point(annotation + 1); ++k) {
        if (!points.is_visible(k)) continue;
        const double* const point = points.coordinates + 2 * k;
        state.is_finite = state.is_finite && are_finite(point, point + 2);
        state.is_proper = true;
    }
    return state;
}

// Selects annotation by annotation: examines the kinds in the order of preference, up to the first usable
// one.
class Selector {
  public:
    Selector(const SelectionInput& input, const SelectionOutput& output)
        : input_(input), shapes_(input.shapes), output_(output) {}

    void select(std::size_t annotation) {
        output_.kinds[annotation] = 0;
        output_.notes[annotation] = 0;
        Outcome& outcome = output_.outcomes[annotation];
        if (outcome != Outcome::pending) return;
        if (input_.flags && (input_.flags[annotation] & excluding_flags)) {
            outcome = Outcome::excluded;
            return;
        }
        has_ = static_cast<Bits>((shapes_.kinds ? shapes_.kinds[annotation] : shapes_.present) &
                                 shapes_.present);
        is_sized_ = !input_.sized || input_.sized[annotation] != 0;
        is_finite_ = true;
        without_area_ = 0;
        const Bits kind = find(annotation);
        output_.kinds[annotation] = kind;
        if (kind == 0) {
            outcome = reason();
        } else {
            output_.notes[annotation] |= notes(annotation, kind);
        }
    }

  private:
    [[nodiscard]] Bits find(std::size_t annotation) {
        switch (input_.geometry) {
            case Geometry::automatic:
                asked_ = 31;
                for (const Kind kind : {Kind::polygon, Kind::mask, Kind::box, Kind::lines, Kind::points}) {
                    if (is_usable(kind, annotation)) return bit(kind);
                }
                return 0;
            case Geometry::box:
                asked_ = bit(Kind::box) | bit(Kind::polygon);
                if (is_usable(Kind::box, annotation)) return bit(Kind::box);
                if (!is_usable(Kind::polygon, annotation)) return 0;
                bound(annotation);
                return bit(Kind::box);
            case Geometry::polygon:
                return find_only(Kind::polygon, annotation);
            case Geometry::mask:
                return find_only(Kind::mask, annotation);
            case Geometry::point:
                return find_only(Kind::points, annotation);
            case Geometry::line:
                return find_only(Kind::lines, annotation);
        }
        return 0;
    }

    [[nodiscard]] Bits find_only(Kind kind, std::size_t annotation) {
        asked_ = bit(kind);
        return is_usable(kind, annotation) ? bit(kind) : Bits{0};
    }

    [[nodiscard]] bool is_usable(Kind kind, std::size_t annotation) {
        if (!(has_ & bit(kind))) return false;
        if (kind == Kind::mask) return is_mask_usable(annotation);
        const State state = state_of(kind, annotation);
        is_finite_ = is_finite_ && state.is_finite;
        if (!(state.is_finite && state.is_proper && is_sized_)) return false;
        if (!input_.with_area || (kind != Kind::lines && kind != Kind::points)) return true;
        without_area_ = static_cast<Bits>(without_area_ | bit(kind));
        return false;
    }

    [[nodiscard]] State state_of(Kind kind, std::size_t annotation) const noexcept {
        switch (kind) {
            case Kind::box: {
                const double* const box = shapes_.boxes.corners + 4 * annotation;
                return {are_finite(box, box + 4), true};
            }
            case Kind::polygon:
                return state_of_polygon(shapes_.polygons, annotation);
            case Kind::lines:
                return state_of_lines(shapes_.lines, annotation);
            case Kind::points:
                return state_of_points(shapes_.points, annotation);
            case Kind::mask:
            case Kind::disc:
                break;
        }
        return {false, false};
    }

    [[nodiscard]] bool is_mask_usable(std::size_t annotation) {
        if (!masks_) masks_.emplace(Grid{1, 1}, Rule::center);
        return masks_->is_valid_mask(shapes_.masks, annotation);
    }

    // The box around all rings of three distinct vertices.
    void bound(std::size_t annotation) noexcept {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        double* const box = output_.boxes + 4 * annotation;
        box[0] = box[1] = infinity;
        box[2] = box[3] = -infinity;
        const Polygons& polygons = shapes_.polygons;
        const std::size_t last = polygons.first_ring(polygons.first_part(annotation + 1));
        for (std::size_t ring = polygons.first_ring(polygons.first_part(annotation)); ring < last; ++ring) {
            const double* const begin = polygons.coordinates + 2 * polygons.first_vertex(ring);
            const double* const end = polygons.coordinates + 2 * polygons.first_vertex(ring + 1);
            if (end - begin < 6 || !has_three_points(begin, end)) continue;
            for (const double* vertex = begin; vertex != end; vertex += 2) {
                for (int axis = 0; axis < 2; ++axis) {
                    box[axis] = std::min(box[axis], vertex[axis]);
                    box[2 + axis] = std::max(box[2 + axis], vertex[axis]);
                }
            }
        }
        output_.notes[annotation] = bit(SelectionNote::bounding_box);
    }

    [[nodiscard]] Bits notes(std::size_t annotation, Bits kind) const noexcept {
        unsigned notes = 0;
        if (kind == bit(Kind::box) && input_.geometry == Geometry::automatic) {
            if (has_ & bit(Kind::polygon)) notes |= bit(SelectionNote::no_usable_polygon);
            if (has_ & bit(Kind::mask)) notes |= bit(SelectionNote::no_usable_mask);
        }
        if (kind == bit(Kind::polygon) && has_short_ring(annotation)) notes |= bit(SelectionNote::short_ring);
        return static_cast<Bits>(notes);
    }

    [[nodiscard]] bool has_short_ring(std::size_t annotation) const noexcept {
        const Polygons& polygons = shapes_.polygons;
        const std::size_t last = polygons.first_ring(polygons.first_part(annotation + 1));
        for (std::size_t ring = polygons.first_ring(polygons.first_part(annotation)); ring < last; ++ring) {
            if (polygons.first_vertex(ring + 1) - polygons.first_vertex(ring) < 3) return true;
        }
        return false;
    }

    // Why nothing is usable, the most informative reason first.
    [[nodiscard]] Outcome reason() const noexcept {
        const auto has = [this](Kind kind) { return (has_ & asked_ & bit(kind)) != 0; };
        if (!(has_ & asked_)) return Outcome::no_geometry;
        if (without_area_ & bit(Kind::lines)) return Outcome::line_without_area;
        if (without_area_ & bit(Kind::points)) return Outcome::point_without_area;
        if (!is_finite_) return Outcome::not_finite;
        if (has(Kind::mask)) return Outcome::broken_mask;
        if (!is_sized_) return Outcome::no_size;
        if (has(Kind::polygon)) return Outcome::too_few_vertices;
        return has(Kind::lines) ? Outcome::line_too_short : Outcome::no_visible_point;
    }

    const SelectionInput& input_;
    const Shapes& shapes_;
    const SelectionOutput& output_;
    std::optional<MaskScan> masks_;

    // The current annotation: its kinds, those asked for, and what was found out about them.
    Bits has_ = 0;
    Bits asked_ = 0;
    Bits without_area_ = 0;  // kinds that are usable but for having no area
    bool is_sized_ = true;
    bool is_finite_ = true;
};

// Fast path: a block of pending annotations that all are finite boxes needs no selection. Detections are like
// that.
bool are_finite_boxes(const SelectionInput& input, const Outcome* outcomes, std::size_t begin,
                      std::size_t count) noexcept {
    static_assert(sizeof(Outcome) == sizeof(Bits));
    const Shapes& shapes = input.shapes;
    const auto* const codes = reinterpret_cast<const Bits*>(outcomes) + begin;
    const double* const corners = shapes.boxes.corners + 4 * begin;
    const bool are_boxes = shapes.kinds ? are_all(shapes.kinds + begin, count, bit(Kind::box))
                                        : shapes.present == bit(Kind::box);
    return are_boxes && are_all(codes, count, static_cast<Bits>(Outcome::pending)) &&
           (!input.flags || are_all(input.flags + begin, count, 0)) &&
           (!input.sized || std::find(input.sized + begin, input.sized + begin + count, Bits{0}) ==
                                input.sized + begin + count) &&
           are_finite(corners, corners + 4 * count);
}

}  // namespace

void select_geometry(const SelectionInput& input, const SelectionOutput& output) {
    const Shapes& shapes = input.shapes;
    const bool may_be_box = input.geometry == Geometry::automatic || input.geometry == Geometry::box;
    const bool has_boxes = shapes.has(Kind::box);
    if (output.boxes && input.geometry == Geometry::box) {
        if (has_boxes) {
            std::copy_n(shapes.boxes.corners, 4 * shapes.count, output.boxes);
        } else {
            std::fill_n(output.boxes, 4 * shapes.count, std::numeric_limits<double>::quiet_NaN());
        }
    }
    constexpr std::size_t block = 1024;
    constexpr std::size_t steps_per_annotation = 100;
    Selector selector(input, output);
    Checkpoint check;
    for (std::size_t begin = 0; begin < shapes.count; begin += block) {
        const std::size_t end = std::min(begin + block, shapes.count);
        check(end - begin);
        if (may_be_box && has_boxes && are_finite_boxes(input, output.outcomes, begin, end - begin)) {
            std::fill(output.kinds + begin, output.kinds + end, bit(Kind::box));
            std::fill(output.notes + begin, output.notes + end, Bits{0});
        } else {
            for (std::size_t i = begin; i < end; ++i) {
                check(steps_per_annotation);
                selector.select(i);
            }
        }
    }
}

}  // namespace heatgrid
