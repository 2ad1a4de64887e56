// Views of the caller's arrays, the input of the kernel. They own nothing.
//
// Coordinates are doubles, x to the right and y downwards, either normalized (the image is the unit square)
// or in pixels; in the latter case `Sizes` holds the size of each image.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

/// The class of a validated label. Another thread may have changed it since: it is read once, which
/// `volatile` requires, and a label out of range counts as 0.
[[nodiscard]] inline std::size_t class_of(const std::int64_t& label, std::size_t classes) noexcept {
    const auto index = static_cast<std::size_t>(static_cast<const volatile std::int64_t&>(label));
    return index < classes ? index : 0;
}

/// Sizes of the annotations' images in pixels, as (width, height) pairs.
struct Sizes {
    const double* pairs = nullptr;  // null: coordinates are normalized already
    std::size_t stride = 0;         // doubles from one annotation to the next: 0 (all alike) or 2

    [[nodiscard]] bool normalized() const noexcept { return pairs == nullptr; }
    [[nodiscard]] double width(std::size_t annotation) const noexcept { return pairs[annotation * stride]; }
    [[nodiscard]] double height(std::size_t annotation) const noexcept {
        return pairs[annotation * stride + 1];
    }
};

/// N boxes, each two opposite corners (x1, y1, x2, y2) in any order.
struct Boxes {
    const double* corners = nullptr;
    std::size_t count = 0;
    Sizes sizes;
};

/// N points, (x, y) each.
struct Points {
    const double* coordinates = nullptr;
    std::size_t count = 0;
    Sizes sizes;
};

/// N polygon annotations. Ring k has the vertices ring_offsets[k] .. ring_offsets[k + 1] - 1; part p the
/// rings part_offsets[p] .. part_offsets[p + 1] - 1, its outer ring first; annotation a the parts
/// annotation_offsets[a] .. annotation_offsets[a + 1] - 1. A null level is the identity: every ring is a
/// part, every part an annotation. The caller has validated the offsets: within range, never decreasing.
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

/// N line annotations. Path k has the vertices path_offsets[k] .. path_offsets[k + 1] - 1; annotation a the
/// paths annotation_offsets[a] .. annotation_offsets[a + 1] - 1, or, if that is null, path a. The caller has
/// validated the offsets.
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

/// N sets of points: annotation i has the points offsets[i] .. offsets[i + 1] - 1, or, if that is null, point
/// i. Points with visible[k] == 0 are ignored.
struct PointSets {
    const double* coordinates = nullptr;
    const std::int64_t* offsets = nullptr;
    const std::uint8_t* visible = nullptr;  // null: all are
    std::size_t count = 0;
    Sizes sizes;

    [[nodiscard]] std::size_t first_point(std::size_t annotation) const noexcept {
        return offsets ? static_cast<std::size_t>(offsets[annotation]) : annotation;
    }
    [[nodiscard]] bool is_visible(std::size_t point) const noexcept {
        return !visible || visible[point] != 0;
    }
};

/// Order of the pixels of runs: row by row, or column by column as in COCO.
enum class PixelOrder : std::uint8_t { row_major, column_major };

/// One mask of bytes, 0 where clear: its first pixel, and the distances in bytes to the next pixel below and
/// to the right.
struct Bitmap {
    const std::uint8_t* pixels = nullptr;
    std::int64_t row_stride = 0;
    std::int64_t column_stride = 1;
};

/// N masks of `sizes` (height, width) in pixels. Each is a bitmap if there are bitmaps; else the compressed
/// code codes[code_offsets[i]] .. codes[code_offsets[i + 1] - 1] if that is not empty; else the run lengths
/// runs[run_offsets[i]] .. runs[run_offsets[i + 1] - 1], of clear and set pixels alternately. The caller has
/// validated offsets and strides; sizes, codes and runs may have any values.
struct Masks {
    const std::int64_t* sizes = nullptr;
    std::size_t count = 0;
    const std::uint8_t* codes = nullptr;
    const std::int64_t* code_offsets = nullptr;
    const std::int64_t* runs = nullptr;
    const std::int64_t* run_offsets = nullptr;
    PixelOrder order = PixelOrder::column_major;  // of codes and runs
    const Bitmap* bitmaps = nullptr;
};

/// N discs, (cx, cy, radius) each.
struct Discs {
    const double* values = nullptr;
    std::size_t count = 0;
};

/// Kind of geometry; a bit each, so that a set of kinds is a byte.
enum class Kind : std::uint8_t { box = 1, polygon = 2, mask = 4, points = 8, lines = 16, disc = 32 };

/// Columns of N annotations: one view per kind that is present, each with N entries.
///
/// `kinds` holds per annotation either the one kind to count (see count.hpp) or the set of kinds that it has
/// (see select_geometry.hpp). Null: exactly one kind is present, and all annotations are of that kind.
struct Shapes {
    std::size_t count = 0;
    const std::uint8_t* kinds = nullptr;
    std::uint8_t present = 0;  // set of the kinds that have a column
    Boxes boxes;
    Polygons polygons;
    Masks masks;
    PointSets points;
    Lines lines;
    Discs discs;

    [[nodiscard]] bool has(Kind kind) const noexcept {
        return (present & static_cast<std::uint8_t>(kind)) != 0;
    }
    void set_sizes(const Sizes& sizes) noexcept {
        boxes.sizes = polygons.sizes = points.sizes = lines.sizes = sizes;
    }
};

}  // namespace heatgrid
