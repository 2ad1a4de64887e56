// Plain views of the caller's arrays: what the kernel reads. No logic, no ownership.
//
// Coordinates are doubles, x to the right and y downwards, either normalised (the image is the unit
// square) or in pixels, in which case `Sizes` says how large each image is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

// Sizes of the annotations' images in pixels, as (width, height) pairs.
struct Sizes {
    const double* pairs = nullptr;  // null: coordinates are normalised already
    std::size_t stride = 0;         // doubles from one annotation to the next: 0 (all alike) or 2

    [[nodiscard]] bool normalised() const noexcept { return pairs == nullptr; }
    [[nodiscard]] double width(std::size_t annotation) const noexcept { return pairs[annotation * stride]; }
    [[nodiscard]] double height(std::size_t annotation) const noexcept {
        return pairs[annotation * stride + 1];
    }
};

// N boxes by two opposite corners, (x1, y1, x2, y2) each, the corners in any order.
struct Boxes {
    const double* corners = nullptr;
    std::size_t count = 0;
    Sizes sizes;
};

// N points, (x, y) each.
struct Points {
    const double* coordinates = nullptr;
    std::size_t count = 0;
    Sizes sizes;
};

// N polygon annotations. Ring k holds the vertices ring_offsets[k] .. ring_offsets[k + 1]; part p the
// rings part_offsets[p] .. part_offsets[p + 1], its outer ring first; annotation a the parts
// annotation_offsets[a] .. annotation_offsets[a + 1]. A null level is the identity: every ring a part,
// every part an annotation. Offsets were checked by the caller: within range, never decreasing.
struct Polygons {
    const double* coordinates = nullptr;
    const std::int64_t* ring_offsets = nullptr;
    const std::int64_t* part_offsets = nullptr;
    const std::int64_t* annotation_offsets = nullptr;
    std::size_t count = 0;
    Sizes sizes;

    [[nodiscard]] std::size_t first_part(std::size_t annotation) const noexcept {
        return annotation_offsets ? static_cast<std::size_t>(annotation_offsets[annotation]) : annotation;
    }
    [[nodiscard]] std::size_t first_ring(std::size_t part) const noexcept {
        return part_offsets ? static_cast<std::size_t>(part_offsets[part]) : part;
    }
    [[nodiscard]] std::size_t first_vertex(std::size_t ring) const noexcept {
        return static_cast<std::size_t>(ring_offsets[ring]);
    }
};

// N line annotations. Path k holds the vertices path_offsets[k] .. path_offsets[k + 1]; annotation a the
// paths annotation_offsets[a] .. annotation_offsets[a + 1], or, where that is null, path a. Offsets were
// checked, as those of polygons.
struct Lines {
    const double* coordinates = nullptr;
    const std::int64_t* path_offsets = nullptr;
    const std::int64_t* annotation_offsets = nullptr;
    std::size_t count = 0;
    Sizes sizes;

    [[nodiscard]] std::size_t first_path(std::size_t annotation) const noexcept {
        return annotation_offsets ? static_cast<std::size_t>(annotation_offsets[annotation]) : annotation;
    }
    [[nodiscard]] std::size_t first_vertex(std::size_t path) const noexcept {
        return static_cast<std::size_t>(path_offsets[path]);
    }
};

// What became of one annotation.
enum class Outcome : std::uint8_t {
    counted = 0,
    fallback = 1,  // too small to hold a cell centre: counted at its representative point
    empty = 2,     // has no extent: hits nothing
    outside = 3,   // has extent, but not in the image: hits nothing
    invalid = 4,   // a coordinate or size that is not finite, or a size that is not positive: skipped
};

}  // namespace heatgrid
