#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

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

    /// Appends elements of a part of the list that begins at `index`.
    void append(CocoRemainder&& next, std::int64_t index);
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
    // Indices in the list of the first annotation in the columns that has geometry, and of the first of all
    // that has a caption.
    std::int64_t first_geometry = none;
    std::int64_t first_caption = none;

    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
    static constexpr std::int64_t inspected = 1000;  // annotations that tell the kind of file

    [[nodiscard]] bool has_geometry() const noexcept { return first_geometry < inspected; }
    [[nodiscard]] bool has_captions() const noexcept { return first_caption < inspected; }

    /// Appends annotations of a part of the list that begins at `index`.
    void append(CocoAnnotations&& next, std::int64_t index);

    /// Extends the columns of what few annotations have to all annotations, unless they are empty.
    void complete();

    /// Extends the columns of masks to `count` annotations.
    void pad_masks(std::size_t count);

    static constexpr double absent = std::numeric_limits<double>::quiet_NaN();

    /// Sizes of the columns that are written while an annotation is read.
    using Sizes = std::array<std::size_t, 11>;

    [[nodiscard]] Sizes sizes() const noexcept {
        return {
            scores.size(),    boxes.size(),      ring_lengths.size(), rings.size(), keypoint_lengths.size(),
            keypoints.size(), mask_sizes.size(), code_lengths.size(), codes.size(), run_lengths.size(),
            runs.size()};
    }

    /// Removes what was written of an annotation that is not understood, after `before` was taken.
    void undo(const Sizes& before) noexcept {
        scores.cut(before[0]);
        boxes.cut(before[1]);
        ring_lengths.cut(before[2]);
        rings.cut(before[3]);
        keypoint_lengths.cut(before[4]);
        keypoints.cut(before[5]);
        mask_sizes.cut(before[6]);
        code_lengths.cut(before[7]);
        codes.cut(before[8]);
        run_lengths.cut(before[9]);
        runs.cut(before[10]);
    }
};

struct CocoScan {
    CocoImages images;
    CocoAnnotations annotations;
    CocoRemainder other_images;
    CocoRemainder other_annotations;
    Column<char> categories;  // text of the list, empty if there is none

    /// Appends what was read of the next part of a file, in which the annotations go on at `index`.
    void append(CocoScan&& next, std::int64_t index);
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

/// Scans a COCO file that is divided into parts, with a thread for each.
///
/// Each part but the first must begin with an annotation, each but the last end with the comma after one. The
/// scan of a part assumes this, and the scan of the part before verifies it: it must end between two
/// annotations. Returns nothing also if a part begins elsewhere; the file may then be scanned as a whole.
///
/// `texts` are the parts, `size` is the length of all.
[[nodiscard]] std::optional<CocoScan> scan_coco(const std::vector<TextWindow*>& texts, std::size_t size);

}  // namespace heatgrid
