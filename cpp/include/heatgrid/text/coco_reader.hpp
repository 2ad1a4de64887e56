// COCO's JSON, {"images": [...], "categories": [...], "annotations": [...]} in any order, straight to
// columns.
//
// It knows what exporters write: whole numbers as ids, boxes and rings and keypoints as lists of numbers,
// run-length codes as text or whole numbers. Of anything else (see json_scanner.hpp; further keys given
// twice, ids of another type or missing, numbers as text, panoptic segments, results, lists without geometry)
// it says nothing, and the general reader is to be asked. What it does read is raw: nothing is judged, looked
// up or clipped here. Cost: one pass, about a nanosecond a byte; memory: the columns. Throws std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "heatgrid/text/column.hpp"
#include "heatgrid/text/text_window.hpp"

namespace heatgrid {

// What an annotation has beside its numbers, in `CocoAnnotations::traits`.
enum class CocoTrait : std::uint8_t { id = 1, crowd = 2, ignore = 4 };

struct CocoImages {
    Column<std::int64_t> ids;
    Column<double> sizes;  // width and height, NaN where not given
    Column<char> names;    // as they stand in JSON strings, a newline after each
};

// One entry an annotation, but for the ring lengths and the flat values. Of scores, keypoints, and masks with
// their codes and runs, there are no columns where no annotation has any: they would take memory to say so.
struct CocoAnnotations {
    Column<std::int64_t> image_ids;
    Column<std::int64_t> category_ids;
    Column<std::int64_t> ids;  // 0 where there is none
    Column<std::uint8_t> traits;
    Column<double> scores;             // NaN where there is none
    Column<std::int64_t> box_lengths;  // in numbers, as all lengths
    Column<double> boxes;
    Column<std::int64_t> ring_counts;
    Column<std::int64_t> ring_lengths;
    Column<double> rings;
    Column<std::int64_t> keypoint_lengths;
    Column<double> keypoints;
    Column<std::int64_t> mask_sizes;  // height and width, 0 where there is no mask
    Column<std::int64_t> code_lengths;
    Column<std::uint8_t> codes;
    Column<std::int64_t> run_lengths;
    Column<std::int64_t> runs;
};

struct CocoFile {
    CocoImages images;
    CocoAnnotations annotations;
    Column<char> categories;  // the list's text; empty where there is none
};

// Returns nothing where the text has anything that this reader does not know.
[[nodiscard]] std::optional<CocoFile> read_coco(const char* text, std::size_t size);

// The same of a text of about `size` bytes that comes piece by piece; a single annotation, and the list of
// categories, must fit into its window.
[[nodiscard]] std::optional<CocoFile> read_coco(TextWindow& text, std::size_t size);

}  // namespace heatgrid
