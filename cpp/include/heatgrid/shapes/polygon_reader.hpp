// Vertices of polygon annotations, part by part; shared by all rules.
//
// Rings of fewer than three vertices are ignored, and so is a part without any other ring. One invalid
// coordinate or size makes the whole annotation not finite. A part without extent in the image hits nothing;
// if no part has any, the annotation is empty or outside and has no representative cell. O(vertices).
// Allocates only for pixel coordinates, if a part is larger than all before it.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/simd/double2.hpp"

namespace heatgrid {

/// Bounding box of a part's vertices, and whether all of them are finite.
class Extent {
  public:
    void include(Double2 vertex) noexcept {
        low_ = min(vertex, low_);
        high_ = max(vertex, high_);
        defect_ = defect_ + (vertex - vertex);
    }

    void include(const Extent& other) noexcept {
        low_ = min(other.low_, low_);
        high_ = max(other.high_, high_);
        defect_ = defect_ + other.defect_;
    }

    [[nodiscard]] Double2 low() const noexcept { return low_; }
    [[nodiscard]] Double2 high() const noexcept { return high_; }
    [[nodiscard]] bool is_finite() const noexcept { return (defect_ == Double2(0.0)).all(); }
    [[nodiscard]] bool is_empty() const noexcept { return !(low_ < high_).all(); }
    [[nodiscard]] bool is_empty_in_image() const noexcept {
        const Double2 zero(0.0);
        const Double2 one(1.0);
        return !(clamp(low_, zero, one) < clamp(high_, zero, one)).all();
    }

  private:
    Double2 low_{std::numeric_limits<double>::infinity()};
    Double2 high_{-std::numeric_limits<double>::infinity()};
    Double2 defect_{0.0};  // becomes NaN with the first coordinate that is not finite
};

[[nodiscard]] inline Extent extent_of(const double* vertices, std::size_t count) noexcept {
    Extent even;
    Extent odd;  // two independent dependency chains
    std::size_t i = 0;
    for (; i + 1 < count; i += 2) {
        even.include(Double2::load(vertices + 2 * i));
        odd.include(Double2::load(vertices + 2 * i + 2));
    }
    if (i < count) even.include(Double2::load(vertices + 2 * i));
    even.include(odd);
    return even;
}

/// Usage: open, then per next_part its rings and one of the three accepts; accept(extent) first if
/// coordinates may not be finite. Ends early if the annotation is invalid.
class PolygonReader {
  public:
    explicit PolygonReader(Grid grid) noexcept : cells_(grid) {}

    void open(const Polygons& polygons, std::size_t annotation) noexcept {
        polygons_ = &polygons;
        annotation_ = annotation;
        first_part_ = polygons.first_part(annotation);
        last_part_ = polygons.first_part(annotation + 1);
        part_ = first_part_;
        is_valid_ = polygons.sizes.normalized() ||
                    is_size(polygons.sizes.width(annotation), polygons.sizes.height(annotation));
        has_extent_ = false;
        is_in_image_ = false;
        estimated_mean_.reset();
    }
    [[nodiscard]] bool has_many_parts() const noexcept { return last_part_ - first_part_ > 1; }
    [[nodiscard]] bool next_part() {
        while (part_ < last_part_ && is_valid_) {
            first_ring_ = polygons_->first_ring(part_);
            last_ring_ = polygons_->first_ring(++part_);
            if (first_ring_ == last_ring_) continue;
            origin_ = polygons_->first_vertex(first_ring_);
            vertex_count_ = polygons_->first_vertex(last_ring_) - origin_;
            vertices_ = polygons_->coordinates + 2 * origin_;
            if (!polygons_->sizes.normalized()) vertices_ = divide_by_size();
            return true;
        }
        return false;
    }

    /// The current part: (x, y) of all its vertices, normalized, including those of ignored rings; and
    /// take(first, last) per ring, the outer one first.
    [[nodiscard]] const double* vertices() const noexcept { return vertices_; }
    [[nodiscard]] std::size_t vertex_count() const noexcept { return vertex_count_; }
    template <class Take>
    void for_each_ring(Take&& take) const {
        for (std::size_t ring = first_ring_; ring < last_ring_; ++ring) {
            const std::size_t first = polygons_->first_vertex(ring) - origin_;
            const std::size_t last = polygons_->first_vertex(ring + 1) - origin_;
            if (last - first >= min_vertices) take(first, last);
        }
    }

    [[nodiscard]] Extent extent() const noexcept {
        Extent all;
        for_each_ring([&](std::size_t first, std::size_t last) {
            all.include(extent_of(vertices_ + 2 * first, last - first));
        });
        return all;
    }

    /// Records a part's extent, which is empty if it has no ring; whether it can hit anything.
    [[nodiscard]] bool accept(const Extent& extent) noexcept {
        is_valid_ &= extent.is_finite();
        has_extent_ |= !extent.is_empty();
        const bool is_visible = !extent.is_empty_in_image();
        is_in_image_ |= is_visible;
        return is_visible & is_valid_;
    }

    /// Records a part that has extent in the image.
    void accept_visible() noexcept {
        has_extent_ = true;
        is_in_image_ = true;
    }

    /// Records an annotation of one ring if its mean shows that it has extent in the image. Precondition: the
    /// magnitude of all coordinates is less than 2. False if nothing was decided.
    [[nodiscard]] bool accept_by_mean() noexcept;

    /// The outcome after the last part: `counted` if a part was accepted.
    [[nodiscard]] Outcome outcome() const noexcept {
        if (!is_valid_) return Outcome::not_finite;
        if (is_in_image_) return Outcome::counted;
        return has_extent_ ? Outcome::outside : Outcome::empty;
    }

    /// The cell of the mean of all outer rings' vertices, summed in their order; none if it is left of or
    /// above the image. Precondition: all parts were read, and the annotation has one.
    [[nodiscard]] std::optional<Run> mean_cell();

  private:
    static constexpr std::size_t min_vertices = 3;

    [[nodiscard]] const double* divide_by_size();
    [[nodiscard]] Double2 estimate_mean() const noexcept;
    [[nodiscard]] double mean_error() const noexcept;
    [[nodiscard]] Double2 exact_mean();

    Cells cells_;
    const Polygons* polygons_ = nullptr;
    std::size_t annotation_ = 0;
    std::size_t first_part_ = 0;
    std::size_t part_ = 0;  // the next one
    std::size_t last_part_ = 0;
    std::size_t first_ring_ = 0;
    std::size_t last_ring_ = 0;
    std::size_t origin_ = 0;  // of the part's vertices among all
    const double* vertices_ = nullptr;
    std::size_t vertex_count_ = 0;
    std::vector<double> normalized_;
    std::optional<Double2> estimated_mean_;
    bool is_valid_ = true;
    bool has_extent_ = false;
    bool is_in_image_ = false;
};

}  // namespace heatgrid
