#include "heatgrid/box.hpp"

#include <algorithm>
#include <cmath>

namespace heatgrid {
namespace {

struct Interval {
    double low;
    double high;

    [[nodiscard]] bool is_empty() const noexcept { return high <= low; }
};

struct CellRange {
    std::int32_t first;
    std::int32_t last;

    [[nodiscard]] bool is_empty() const noexcept { return last <= first; }
};

Interval clamped(double u, double v) noexcept {
    return {clamp_to_unit(u < v ? u : v), clamp_to_unit(u < v ? v : u)};
}

CellRange range_of(const Axis& axis, Interval extent, Rule rule) noexcept {
    if (rule == Rule::touch) return {axis.first_touched(extent.low), axis.last_touched(extent.high)};
    return {axis.centres_below(extent.low), axis.centres_up_to(extent.high)};
}

BoxCells one_cell(double x, double y, const Cells& cells, Outcome outcome) noexcept {
    if (!hits_grid(x, y)) return {{}, Outcome::outside};
    const std::int32_t column = cells.x.cell_of(x);
    const std::int32_t row = cells.y.cell_of(y);
    return {{column, column + 1, row, row + 1}, outcome};
}

}  // namespace

BoxCells scan_box(const Boxes& boxes, std::size_t index, const Cells& cells,
                  const BoxOptions& options) noexcept {
    const double* corner = boxes.corners + 4 * index;
    double width = 1.0;
    double height = 1.0;
    double x1 = corner[0];
    double y1 = corner[1];
    double x2 = corner[2];
    double y2 = corner[3];
    if (!boxes.sizes.normalised()) {
        width = boxes.sizes.width(index);
        height = boxes.sizes.height(index);
        if (!is_size(width, height)) return {};
        x1 /= width;
        y1 /= height;
        x2 /= width;
        y2 /= height;
    }
    if (!(is_finite(x1) && is_finite(y1) && is_finite(x2) && is_finite(y2))) return {};

    const Interval x = clamped(x1, x2);
    const Interval y = clamped(y1, y2);
    if (x.is_empty() || y.is_empty()) {
        return {{}, x1 == x2 || y1 == y2 ? Outcome::empty : Outcome::outside};
    }
    const double area = std::fabs(corner[2] - corner[0]) * std::fabs(corner[3] - corner[1]);
    const bool is_large = area / (width * height) > options.large_box_ratio;
    if (is_large || options.rule == Rule::point) {
        return one_cell((x1 + x2) * 0.5, (y1 + y2) * 0.5, cells, Outcome::counted);
    }
    const CellRange columns = range_of(cells.x, x, options.rule);
    const CellRange rows = range_of(cells.y, y, options.rule);
    if (columns.is_empty() || rows.is_empty()) {
        return one_cell((x.low + x.high) * 0.5, (y.low + y.high) * 0.5, cells, Outcome::fallback);
    }
    return {{columns.first, columns.last, rows.first, rows.last}, Outcome::counted};
}

namespace {

// A block of boxes, column by column, so that every loop below is straight-line code over arrays, which
// the compiler vectorises. What a quick guess cannot prove is marked in `doubt` and settled by scan_box.
struct Block {
    double x_low[box_block];
    double x_high[box_block];
    double y_low[box_block];
    double y_high[box_block];
    double doubt[box_block];  // 0.0 or 1.0: as wide as the coordinates, so that one mask serves both
    std::int32_t left[box_block];
    std::int32_t right[box_block];
    std::int32_t top[box_block];
    std::int32_t bottom[box_block];
    std::int32_t middle_column[box_block];
    std::int32_t middle_row[box_block];
};

void load_normalised(const double* corners, std::size_t n, Block& block) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        block.x_low[i] = corners[4 * i];
        block.y_low[i] = corners[4 * i + 1];
        block.x_high[i] = corners[4 * i + 2];
        block.y_high[i] = corners[4 * i + 3];
        block.doubt[i] = 0.0;
    }
}

void load_pixels(const Boxes& boxes, std::size_t begin, std::size_t n, Block& block) noexcept {
    const double* corners = boxes.corners + 4 * begin;
    const double* size = boxes.sizes.pairs + begin * boxes.sizes.stride;
    const std::size_t stride = boxes.sizes.stride;
    for (std::size_t i = 0; i < n; ++i) {
        const double width = size[i * stride];
        const double height = size[i * stride + 1];
        block.x_low[i] = corners[4 * i] / width;
        block.y_low[i] = corners[4 * i + 1] / height;
        block.x_high[i] = corners[4 * i + 2] / width;
        block.y_high[i] = corners[4 * i + 3] / height;
        block.doubt[i] = is_size(width, height) ? 0.0 : 1.0;
    }
}

// Puts the ends of an extent in order and inside the image; doubts what is not finite or empty.
void clamp_extents(double* low, double* high, double* doubt, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        const double u = low[i];
        const double v = high[i];
        const double a = clamp_to_unit(u < v ? u : v);
        const double b = clamp_to_unit(u < v ? v : u);
        const double sum = u + v;
        low[i] = a;
        high[i] = b;
        doubt[i] = (sum - sum == 0.0) & (b > a) ? doubt[i] : 1.0;
    }
}

// Indices of one axis under Rule::center, and the cell of the extent's middle.
void guess_centres(const Axis& axis, const double* low, const double* high, double* doubt, std::size_t n,
                   std::int32_t* first, std::int32_t* last, std::int32_t* middle) noexcept {
    const double scale = axis.scale();
    for (std::size_t i = 0; i < n; ++i) {
        const double from = axis.shifted(low[i]);
        const double to = axis.shifted(high[i]);
        const double mid = (low[i] + high[i]) * 0.5 * scale;
        const auto f = static_cast<std::int32_t>(from);
        const auto t = static_cast<std::int32_t>(to);
        first[i] = f;
        last[i] = t;
        middle[i] = static_cast<std::int32_t>(mid);
        const bool near = axis.is_near_tie(from, f) | axis.is_near_tie(to, t) | (mid >= scale);
        doubt[i] = near ? 1.0 : doubt[i];
    }
}

void doubt_large(const Boxes& boxes, std::size_t begin, std::size_t n, double ratio, double* doubt) noexcept {
    const double* corners = boxes.corners + 4 * begin;
    for (std::size_t i = 0; i < n; ++i) {
        const double width = boxes.sizes.normalised() ? 1.0 : boxes.sizes.width(begin + i);
        const double height = boxes.sizes.normalised() ? 1.0 : boxes.sizes.height(begin + i);
        const double area = std::fabs(corners[4 * i + 2] - corners[4 * i]) *
                            std::fabs(corners[4 * i + 3] - corners[4 * i + 1]);
        if (area / (width * height) > ratio) doubt[i] = 1.0;
    }
}

}  // namespace

void scan_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                const BoxOptions& options, Rectangle* rectangles, Outcome* outcomes) noexcept {
    const std::size_t n = end - begin;
    if (options.rule != Rule::center) {
        for (std::size_t i = 0; i < n; ++i) {
            const BoxCells box = scan_box(boxes, begin + i, cells, options);
            rectangles[i] = box.cells;
            outcomes[i] = box.outcome;
        }
        return;
    }
    static thread_local Block block;
    if (boxes.sizes.normalised()) {
        load_normalised(boxes.corners + 4 * begin, n, block);
    } else {
        load_pixels(boxes, begin, n, block);
    }
    clamp_extents(block.x_low, block.x_high, block.doubt, n);
    clamp_extents(block.y_low, block.y_high, block.doubt, n);
    guess_centres(cells.x, block.x_low, block.x_high, block.doubt, n, block.left, block.right,
                  block.middle_column);
    guess_centres(cells.y, block.y_low, block.y_high, block.doubt, n, block.top, block.bottom,
                  block.middle_row);
    if (options.large_box_ratio < std::numeric_limits<double>::infinity()) {
        doubt_large(boxes, begin, n, options.large_box_ratio, block.doubt);
    }
    for (std::size_t i = 0; i < n; ++i) {
        const bool is_tiny = (block.right[i] <= block.left[i]) | (block.bottom[i] <= block.top[i]);
        const std::int32_t column = block.middle_column[i];
        const std::int32_t row = block.middle_row[i];
        rectangles[i].left = is_tiny ? column : block.left[i];
        rectangles[i].right = is_tiny ? column + 1 : block.right[i];
        rectangles[i].top = is_tiny ? row : block.top[i];
        rectangles[i].bottom = is_tiny ? row + 1 : block.bottom[i];
        outcomes[i] = is_tiny ? Outcome::fallback : Outcome::counted;
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (block.doubt[i] == 0.0) continue;
        const BoxCells box = scan_box(boxes, begin + i, cells, options);
        rectangles[i] = box.cells;
        outcomes[i] = box.outcome;
    }
}

}  // namespace heatgrid
