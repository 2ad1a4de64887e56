#include "heatgrid/shapes/box.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/shapes/box_avx2.hpp"
#include "heatgrid/simd/double2.hpp"

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
    switch (rule) {
        case Rule::touch:
            return {axis.first_touched(extent.low), axis.last_touched(extent.high)};
        case Rule::center:
        case Rule::point:  // one cell, see scan_box
        case Rule::area:   // see cover_box
            break;
    }
    return {axis.centers_below(extent.low), axis.centers_up_to(extent.high)};
}

bool is_large(const Boxes& boxes, std::size_t index, double ratio) noexcept {
    const double* corner = boxes.corners + 4 * index;
    const double width = boxes.sizes.normalized() ? 1.0 : boxes.sizes.width(index);
    const double height = boxes.sizes.normalized() ? 1.0 : boxes.sizes.height(index);
    return std::fabs(corner[2] - corner[0]) * std::fabs(corner[3] - corner[1]) / (width * height) > ratio;
}

BoxCells one_cell(double x, double y, const Cells& cells, Outcome outcome) noexcept {
    if (!hits_grid(x, y)) return {{}, Outcome::outside};
    const std::int32_t column = cells.x.cell_of(x);
    const std::int32_t row = cells.y.cell_of(y);
    return {{column, column + 1, row, row + 1}, outcome};
}

// A box with normalized corners, and its extent in the image.
struct LoadedBox {
    Outcome outcome = Outcome::not_finite;  // counted where it has extent in the image
    double x_middle = 0.0;                  // of the unclamped corners
    double y_middle = 0.0;
    Interval x{0.0, 0.0};
    Interval y{0.0, 0.0};
};

LoadedBox load(const Boxes& boxes, std::size_t index) noexcept {
    const double* corner = boxes.corners + 4 * index;
    double x1 = corner[0];
    double y1 = corner[1];
    double x2 = corner[2];
    double y2 = corner[3];
    if (!boxes.sizes.normalized()) {
        const double width = boxes.sizes.width(index);
        const double height = boxes.sizes.height(index);
        if (!is_size(width, height)) return {};
        x1 /= width;
        y1 /= height;
        x2 /= width;
        y2 /= height;
    }
    if (!(is_finite(x1) && is_finite(y1) && is_finite(x2) && is_finite(y2))) return {};
    const Interval x = clamped(x1, x2);
    const Interval y = clamped(y1, y2);
    Outcome outcome = Outcome::counted;
    if (x.is_empty() || y.is_empty()) outcome = x1 == x2 || y1 == y2 ? Outcome::empty : Outcome::outside;
    return {outcome, (x1 + x2) * 0.5, (y1 + y2) * 0.5, x, y};
}

}  // namespace

BoxCells scan_box(const Boxes& boxes, std::size_t index, const Cells& cells,
                  const BoxOptions& options) noexcept {
    const LoadedBox box = load(boxes, index);
    if (box.outcome != Outcome::counted) return {{}, box.outcome};
    if (is_large(boxes, index, options.large_box_ratio) || options.rule == Rule::point) {
        return one_cell(box.x_middle, box.y_middle, cells, Outcome::counted);
    }
    const CellRange columns = range_of(cells.x, box.x, options.rule);
    const CellRange rows = range_of(cells.y, box.y, options.rule);
    if (columns.is_empty() || rows.is_empty()) {
        // Only a box thinner than one unit in the last place can lie between two touched cells.
        if (options.rule == Rule::touch) return {{}, Outcome::empty};
        return one_cell((box.x.low + box.x.high) * 0.5, (box.y.low + box.y.high) * 0.5, cells,
                        Outcome::counted_as_point);
    }
    return {{columns.first, columns.last, rows.first, rows.last}, Outcome::counted};
}

namespace {

// Up to three ranges of cells along an axis, each covered to the same share.
struct Shares {
    struct Part {
        CellRange cells;
        double share;
    };
    std::size_t count = 0;
    Part parts[3];

    void add(std::int32_t first, std::int32_t last, double share) noexcept {
        if (first < last) parts[count++] = {{first, last}, share};
    }
};

Shares shares_of(const Axis& axis, Interval extent) noexcept {
    Shares shares;
    const double low = extent.low * axis.scale();
    const double high = extent.high * axis.scale();
    const std::int32_t first = std::min(axis.first_touched(extent.low), axis.cells() - 1);
    const std::int32_t last = std::max(axis.last_touched(extent.high) - 1, first);
    if (first == last) {
        shares.add(first, last + 1, (extent.high - extent.low) * axis.scale());
        return shares;
    }
    shares.add(first, first + 1, static_cast<double>(first + 1) - low);
    shares.add(first + 1, last, 1.0);
    shares.add(last, last + 1, high - static_cast<double>(last));
    return shares;
}

}  // namespace

BoxCover cover_box(const Boxes& boxes, std::size_t index, const Cells& cells) noexcept {
    BoxCover cover;
    const LoadedBox box = load(boxes, index);
    cover.outcome = box.outcome;
    if (box.outcome != Outcome::counted) return cover;
    const Shares x = shares_of(cells.x, box.x);
    const Shares y = shares_of(cells.y, box.y);
    for (std::size_t i = 0; i < y.count; ++i) {
        for (std::size_t j = 0; j < x.count; ++j) {
            const CellRange columns = x.parts[j].cells;
            const CellRange rows = y.parts[i].cells;
            cover.parts[cover.count++] = {{columns.first, columns.last, rows.first, rows.last},
                                          x.parts[j].share * y.parts[i].share};
        }
    }
    return cover;
}

namespace {

// Branchless scan. Boxes that are not finite, empty, or near a tie are left to scan_box.
class FastBoxes {
  public:
    explicit FastBoxes(const Cells& cells) noexcept
        : scale_(cells.x.scale(), cells.y.scale()),
          last_middle_(scale_ - Double2(0.5)),
          far_from_tie_(0.5 - cells.x.tie_margin(), 0.5 - cells.y.tie_margin()) {}

    // Scans a box by two opposite corners; whether the rectangle and the outcome are exact.
    template <Rule rule>
    [[nodiscard]] bool scan(Double2 one, Double2 other, Rectangle& rectangle,
                            Outcome& outcome) const noexcept {
        if constexpr (rule == Rule::center) return scan_centers(one, other, rectangle, outcome);
        outcome = Outcome::counted;
        const Double2 zero(0.0);
        const Double2 sum = one + other;
        const Double2 low = clamp(min(one, other), zero, Double2(1.0));
        const Double2 high = clamp(max(one, other), zero, Double2(1.0));
        const auto is_counted = (low < high) & (sum - sum == zero);
        std::int32_t first[2];
        if constexpr (rule == Rule::point) {
            const Double2 middle = sum * Double2(0.5);
            const Double2 place = middle * scale_;
            clamp(place, zero, scale_).truncate(first);
            rectangle = {first[0], first[0] + 1, first[1], first[1] + 1};
            return (is_counted & (zero < middle) & (place < scale_)).all();
        }
        std::int32_t last[2];
        const Double2 to = high * scale_;
        (low * scale_).truncate(first);
        const Double2 floor = to.truncate(last);
        last[0] += static_cast<std::int32_t>(floor.first() < to.first());
        last[1] += static_cast<std::int32_t>(floor.second() < to.second());
        rectangle = {first[0], last[0], first[1], last[1]};
        return is_counted.all() && first[0] < last[0] && first[1] < last[1];
    }

  private:
    [[nodiscard]] bool scan_centers(Double2 one, Double2 other, Rectangle& rectangle,
                                    Outcome& outcome) const noexcept {
        const Double2 zero(0.0);
        const Double2 half(0.5);
        const Double2 low = clamp(min(one, other), zero, Double2(1.0));
        const Double2 high = clamp(max(one, other), zero, Double2(1.0));
        // The cell of the middle, at most the last: hit by a box that contains no center.
        const Double2 middle = min((low + high) * half * scale_, last_middle_);
        const Double2 from = low * scale_ + half;
        const Double2 to = high * scale_ + half;
        std::int32_t cell[2];
        std::int32_t first[2];
        std::int32_t last[2];
        middle.truncate(cell);
        const Double2 from_part = from - from.truncate(first) - half;
        const Double2 to_part = to - to.truncate(last) - half;
        const Double2 distance = max(max(from_part, zero - from_part), max(to_part, zero - to_part));
        const Double2 sum = one + other;
        const bool is_tiny = (last[0] <= first[0]) | (last[1] <= first[1]);
        const std::int32_t tiny = -static_cast<std::int32_t>(is_tiny);
        rectangle.left = first[0] + ((cell[0] - first[0]) & tiny);
        rectangle.right = last[0] + ((cell[0] + 1 - last[0]) & tiny);
        rectangle.top = first[1] + ((cell[1] - first[1]) & tiny);
        rectangle.bottom = last[1] + ((cell[1] + 1 - last[1]) & tiny);
        outcome = is_tiny ? Outcome::counted_as_point : Outcome::counted;
        return ((distance < far_from_tie_) & (low < high) & (sum - sum == zero)).all();
    }

    Double2 scale_;
    Double2 last_middle_;
    Double2 far_from_tie_;
};

template <Rule rule>
void scan_each(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
               Rectangle* rectangles, Outcome* outcomes) noexcept {
    const FastBoxes fast(cells);
    const Sizes& sizes = boxes.sizes;
    for (std::size_t i = begin; i < end; ++i, ++rectangles, ++outcomes) {
        Double2 one = Double2::load(boxes.corners + 4 * i);
        Double2 other = Double2::load(boxes.corners + 4 * i + 2);
        bool is_exact = true;
        if (!sizes.normalized()) {
            const Double2 size = Double2::load(sizes.pairs + sizes.stride * i);
            is_exact = ((Double2(0.0) < size) & (size - size == Double2(0.0))).all();
            one = one / size;
            other = other / size;
        }
        if (fast.scan<rule>(one, other, *rectangles, *outcomes) && is_exact) continue;
        const BoxCells box = scan_box(boxes, i, cells, BoxOptions{rule});
        *rectangles = box.cells;
        *outcomes = box.outcome;
    }
}

}  // namespace

void scan_few_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                    Rectangle* rectangles, Outcome* outcomes) noexcept {
    scan_each<Rule::center>(boxes, begin, end, cells, rectangles, outcomes);
}

namespace {

// Scans boxes under Rule::center, four at once if the processor can.
void scan_centers(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                  Rectangle* rectangles, Outcome* outcomes) noexcept {
    std::uint16_t ambiguous[box_block + 1];
    const std::size_t in_fours = scans_fours(cells) ? (end - begin) & ~std::size_t{3} : 0;
    const auto scan_few = [&](std::size_t first, std::size_t last) {
        scan_few_boxes(boxes, begin + first, begin + last, cells, rectangles + first, outcomes + first);
    };
    if constexpr (compiled_for_avx2) {
        if (in_fours) {
            const std::size_t ambiguous_count =
                scan_boxes_avx2(boxes, begin, begin + in_fours, cells, rectangles, outcomes, ambiguous);
            for (std::size_t k = 0; k < ambiguous_count; ++k)
                scan_few(ambiguous[k], ambiguous[k] + std::size_t{1});
        }
    }
    scan_few(in_fours, end - begin);
}

}  // namespace

void scan_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                const BoxOptions& options, Rectangle* rectangles, Outcome* outcomes) noexcept {
    const std::size_t n = end - begin;
    const bool has_limit = options.large_box_ratio < std::numeric_limits<double>::infinity();
    const auto settle = [&](std::size_t i) {
        const BoxCells box = scan_box(boxes, begin + i, cells, options);
        rectangles[i] = box.cells;
        outcomes[i] = box.outcome;
    };
    if (options.rule == Rule::touch) {
        scan_each<Rule::touch>(boxes, begin, end, cells, rectangles, outcomes);
    } else if (options.rule == Rule::point) {
        scan_each<Rule::point>(boxes, begin, end, cells, rectangles, outcomes);
    } else {
        scan_centers(boxes, begin, end, cells, rectangles, outcomes);
    }
    for (std::size_t i = 0; has_limit && i < n; ++i) {
        if (is_large(boxes, begin + i, options.large_box_ratio)) settle(i);
    }
}

}  // namespace heatgrid
