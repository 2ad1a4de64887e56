#include "heatgrid/stamp.hpp"

#include <algorithm>
#include <vector>

#include "heatgrid/cells.hpp"
#include "stamp_avx2.hpp"

namespace heatgrid {
namespace {

// Adds to runs of cells, and keeps the greatest value.
class Brush {
  public:
    explicit Brush(const Sums& heat) noexcept : heat_(heat) {}

    void add(const Run& run, double amount) noexcept {
        double* const cells =
            heat_.values + static_cast<std::size_t>(run.row) * static_cast<std::size_t>(heat_.grid.columns) +
            run.first;
        const auto count = static_cast<std::size_t>(run.last - run.first);
        std::size_t i = is_wide_ ? add_cells_avx2(cells, count, amount, top_) : 0;
        for (; i < count; ++i) {
            cells[i] += amount;
            top_ = std::max(top_, cells[i]);
        }
    }

    [[nodiscard]] double top() const noexcept { return top_; }

  private:
    Sums heat_;
    double top_ = 0.0;
    bool is_wide_ = has_avx2();
};

// The part of a run that lies within a rectangle.
Run cut(const Run& run, const Rectangle& limit) noexcept {
    if (run.row < limit.top || run.row >= limit.bottom) return {run.row, 0, 0};
    return {run.row, std::max(run.first, limit.left), std::min(run.last, limit.right)};
}

// Takes the runs of one shape after the other, and adds them row by row, so that a row of the map is fetched
// once, however many shapes lie on it. Within a row, and so in every cell, shapes keep their order.
class Stamper {
  public:
    Stamper(const Stamping& stamping, const Sums& heat) noexcept : stamping_(stamping), heat_(heat) {}

    void take(std::size_t shape, Outcome outcome, const Runs& runs) {
        const std::size_t before = strokes_.size();
        for (const Run& run : runs) {
            const Run within = stamping_.limits ? cut(run, stamping_.limits[shape]) : run;
            if (within.first < within.last) strokes_.push_back({within, shape});
        }
        if (!runs.empty() && strokes_.size() == before) outcome = Outcome::outside;
        stamping_.outcomes[shape] = outcome;
        Footprint* const footprint = footprint_of(shape);
        if (footprint && strokes_.size() > before) footprint->cover(bounds_from(before));
    }

    void take(std::size_t shape, Outcome outcome, const Rectangle& cells) {
        rows_.clear();
        for (std::int32_t row = cells.top; row < cells.bottom; ++row) {
            if (cells.left < cells.right) rows_.push_back({row, cells.left, cells.right});
        }
        take(shape, outcome, {rows_.data(), rows_.size()});
    }

    // Adds all that was taken; returns the greatest value of a cell that was added to.
    [[nodiscard]] double add() {
        Brush brush(heat_);
        for (const std::size_t i : by_row()) {
            const Stroke& stroke = strokes_[i];
            const double amount = stamping_.amounts[stroke.shape];
            if (Footprint* const footprint = footprint_of(stroke.shape)) {
                footprint->insert(stroke.run, [&](const Run& fresh) { brush.add(fresh, amount); });
            } else {
                brush.add(stroke.run, amount);
            }
        }
        return brush.top();
    }

  private:
    struct Stroke {
        Run run;
        std::size_t shape;
    };

    [[nodiscard]] Footprint* footprint_of(std::size_t shape) const noexcept {
        return stamping_.footprints ? stamping_.footprints[shape] : nullptr;
    }

    [[nodiscard]] Rectangle bounds_from(std::size_t first) const noexcept {
        const Run& run = strokes_[first].run;
        Rectangle bounds{run.first, run.last, run.row, run.row + 1};
        for (std::size_t i = first; i < strokes_.size(); ++i) {
            const Run& other = strokes_[i].run;
            bounds.left = std::min(bounds.left, other.first);
            bounds.right = std::max(bounds.right, other.last);
            bounds.top = std::min(bounds.top, other.row);
            bounds.bottom = std::max(bounds.bottom, other.row + 1);
        }
        return bounds;
    }

    // The strokes' numbers in the order of their rows; a counting sort, which keeps that of equal ones.
    [[nodiscard]] std::vector<std::size_t> by_row() const {
        std::vector<std::size_t> starts(static_cast<std::size_t>(heat_.grid.rows) + 1, 0);
        for (const Stroke& stroke : strokes_) ++starts[static_cast<std::size_t>(stroke.run.row) + 1];
        for (std::size_t row = 1; row < starts.size(); ++row) starts[row] += starts[row - 1];
        std::vector<std::size_t> order(strokes_.size());
        for (std::size_t i = 0; i < strokes_.size(); ++i) {
            order[starts[static_cast<std::size_t>(strokes_[i].run.row)]++] = i;
        }
        return order;
    }

    const Stamping& stamping_;
    Sums heat_;
    std::vector<Stroke> strokes_;
    std::vector<Run> rows_;
};

}  // namespace

double stamp_boxes(const Boxes& boxes, const Stamping& stamping, const Sums& heat) {
    const Cells cells(heat.grid);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < boxes.count; ++i) {
        const BoxCells box = scan_box(boxes, i, cells, BoxOptions{});
        stamper.take(i, box.outcome, box.cells);
    }
    return stamper.add();
}

double stamp_points(const Points& points, const Stamping& stamping, const Sums& heat) {
    const Cells cells(heat.grid);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < points.count; ++i) {
        const PointCell point = scan_point(points, i, cells, OutsidePoints::drop);
        const std::int32_t width = point.outcome == Outcome::counted ? 1 : 0;
        stamper.take(i, point.outcome,
                     Rectangle{point.column, point.column + width, point.row, point.row + 1});
    }
    return stamper.add();
}

double stamp_discs(const Discs& discs, const Stamping& stamping, const Sums& heat) {
    DiscScan scan(heat.grid);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < discs.count; ++i) {
        const Outcome outcome = scan.scan(discs, i);
        stamper.take(i, outcome, scan.runs());
    }
    return stamper.add();
}

double stamp_masks(const Masks& masks, const Stamping& stamping, const Sums& heat) {
    MaskScan scan(heat.grid, Rule::center);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < masks.count; ++i) {
        const Outcome outcome = scan.scan(masks, i);
        const bool is_hit = outcome == Outcome::counted || outcome == Outcome::fallback;
        stamper.take(i, outcome, is_hit ? scan.runs() : Runs{nullptr, 0});
    }
    return stamper.add();
}

}  // namespace heatgrid
