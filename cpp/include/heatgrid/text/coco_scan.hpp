#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "heatgrid/text/column.hpp"
#include "heatgrid/text/text_window.hpp"

namespace heatgrid {

/// Bits of `CocoAnnotations::traits`.
enum class CocoTrait : std::uint8_t { id = 1, crowd = 2, ignore = 4 };

/// Elements of a list that the scan does not understand: their indices in the list, and their texts with a
/// comma after each.
struct CocoRemainder {
    Column<std::int64_t> indices;
    Column<char> text;
};

struct CocoImages {
    Column<std::int64_t> ids;
    Column<double> sizes;  // width and height, NaN if absent
    Column<char> names;    // as in the JSON string, with a newline after each
};

/// Columns of N annotations. Columns of scores, keypoint lengths, mask sizes, code lengths and run lengths
/// are empty if no annotation has such values.
struct CocoAnnotations {
    Column<std::int64_t> image_ids;
    Column<std::int64_t> category_ids;
    Column<std::int64_t> ids;  // 0 if absent
    Column<std::uint8_t> traits;
    Column<double> scores;             // NaN if absent
    Column<std::int64_t> box_lengths;  // all lengths count numbers
    Column<double> boxes;
    Column<std::int64_t> ring_counts;
    Column<std::int64_t> ring_lengths;
    Column<double> rings;
    Column<std::int64_t> keypoint_lengths;
    Column<double> keypoints;
    Column<std::int64_t> mask_sizes;  // height and width, 0 if there is no mask
    Column<std::int64_t> code_lengths;
    Column<std::uint8_t> codes;
    Column<std::int64_t> run_lengths;
    Column<std::int64_t> runs;
    bool has_geometry = false;  // of any of the first 1,000 annotations in the columns
    bool has_captions = false;  // likewise

    /// Sizes of the flat columns: boxes, ring lengths, rings, keypoints, codes and runs.
    using FlatSizes = std::array<std::size_t, 6>;

    [[nodiscard]] FlatSizes flat_sizes() const noexcept {
        return {boxes.size(), ring_lengths.size(), rings.size(), keypoints.size(), codes.size(), runs.size()};
    }

    /// Removes what was written of an annotation that is not understood, after `before` was taken.
    void undo(const FlatSizes& before) noexcept {
        const std::size_t rows = ids.size();
        scores.cut(rows);
        boxes.cut(before[0]);
        ring_lengths.cut(before[1]);
        rings.cut(before[2]);
        keypoint_lengths.cut(rows);
        keypoints.cut(before[3]);
        mask_sizes.cut(2 * rows);
        code_lengths.cut(rows);
        codes.cut(before[4]);
        run_lengths.cut(rows);
        runs.cut(before[5]);
    }
};

struct CocoScan {
    CocoImages images;
    CocoAnnotations annotations;
    CocoRemainder other_images;
    CocoRemainder other_annotations;
    Column<char> categories;  // text of the list, empty if there is none
};

/// Scans a COCO file, {"images": [...], "categories": [...], "annotations": [...]} in any order, into
/// columns.
///
/// An image or annotation is understood if it is what exporters write: integer ids, boxes, rings and
/// keypoints as lists of numbers, run-length codes as text or integers, and no rotation. The text of any
/// other is returned for a slower reader. Values are raw: not checked, looked up or clipped. Returns nothing
/// if the document as a whole is something else: not a JSON object with a list of images, a list named twice,
/// or broken JSON.
///
/// `size` is the approximate length of the text. Cost: one pass, about one nanosecond per byte; memory: the
/// columns and the window. Throws std::bad_alloc.
[[nodiscard]] std::optional<CocoScan> scan_coco(TextWindow& text, std::size_t size);

}  // namespace heatgrid
