#include "heatgrid/stamp.hpp"

#include <algorithm>
#include <vector>

#include "heatgrid/cells.hpp"

namespace heatgrid {
namespace {

// Adds to a run of cells, and keeps the greatest value: four at a time, so that none waits for the one
// before.
class Brush {
  public:
    explicit Brush(const Sums& heat) noexcept : heat_(heat) {}

    void add(const Run& run, double amount) noexcept {
        double* const cells =
            heat_.values + static_cast<std::size_t>(run.row) * static_cast<std::size_t>(heat_.grid.columns);
        std::int32_t c = run.first;
        for (; c + 4 <= run.last; c += 4) {
            for (std::int32_t k = 0; k < 4; ++k) {
                const double sum = cells[c + k] + amount;
                cells[c + k] = sum;
                top_[k] = sum > top_[k] ? sum : top_[k];
            }
        }
        for (; c < run.last; ++c) {
            cells[c] += amount;
            top_[0] = std::max(top_[0], cells[c]);
        }
    }

    [[nodiscard]] double top() const noexcept { return *std::max_element(top_, top_ + 4); }

  private:
    Sums heat_;
    double top_[4] = {0.0, 0.0, 0.0, 0.0};
};

Rectangle bounds_of(const Runs& runs) noexcept {
    Rectangle bounds{runs.begin()->first, 0, runs.begin()->row, 0};
    for (const Run& run : runs) {
        bounds.left = std::min(bounds.left, run.first);
        bounds.right = std::max(bounds.right, run.last);
        bounds.top = std::min(bounds.top, run.row);
        bounds.bottom = std::max(bounds.bottom, run.row + 1);
    }
    return bounds;
}

// The runs that are left within a rectangle.
void cut(std::vector<Run>& runs, const Rectangle& limit) {
    for (Run& run : runs) {
        run.first = std::max(run.first, limit.left);
        run.last = std::min(run.last, limit.right);
        if (run.row < limit.top || run.row >= limit.bottom) run.last = run.first;
    }
    runs.erase(std::remove_if(runs.begin(), runs.end(), [](const Run& run) { return run.first >= run.last; }),
               runs.end());
}

// Lays one shape after the other on the map.
class Stamper {
  public:
    Stamper(const Stamping& stamping, const Sums& heat) noexcept : stamping_(stamping), brush_(heat) {}

    void lay(std::size_t shape, Outcome outcome, const Runs& runs) {
        if (stamping_.limits && !runs.empty()) {
            runs_.assign(runs.begin(), runs.end());
            cut(runs_, stamping_.limits[shape]);
            if (runs_.empty()) outcome = Outcome::outside;
            add(shape, {runs_.data(), runs_.size()});
        } else {
            add(shape, runs);
        }
        stamping_.outcomes[shape] = outcome;
    }

    void lay(std::size_t shape, Outcome outcome, const Rectangle& cells) {
        rows_.clear();
        for (std::int32_t row = cells.top; row < cells.bottom; ++row) {
            if (cells.left < cells.right) rows_.push_back({row, cells.left, cells.right});
        }
        lay(shape, outcome, {rows_.data(), rows_.size()});
    }

    [[nodiscard]] double top() const noexcept { return brush_.top(); }

  private:
    void add(std::size_t shape, const Runs& runs) {
        const double amount = stamping_.amounts[shape];
        Footprint* const footprint = stamping_.footprints ? stamping_.footprints[shape] : nullptr;
        if (runs.empty()) return;
        if (!footprint) {
            for (const Run& run : runs) brush_.add(run, amount);
            return;
        }
        footprint->cover(bounds_of(runs));
        for (const Run& run : runs) {
            footprint->insert(run, [&](const Run& fresh) { brush_.add(fresh, amount); });
        }
    }

    const Stamping& stamping_;
    Brush brush_;
    std::vector<Run> rows_;
    std::vector<Run> runs_;
};

}  // namespace

double stamp_boxes(const Boxes& boxes, const Stamping& stamping, const Sums& heat) {
    const Cells cells(heat.grid);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < boxes.count; ++i) {
        const BoxCells box = scan_box(boxes, i, cells, BoxOptions{});
        stamper.lay(i, box.outcome, box.cells);
    }
    return stamper.top();
}

double stamp_points(const Points& points, const Stamping& stamping, const Sums& heat) {
    const Cells cells(heat.grid);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < points.count; ++i) {
        const PointCell point = scan_point(points, i, cells, OutsidePoints::drop);
        const std::int32_t width = point.outcome == Outcome::counted ? 1 : 0;
        stamper.lay(i, point.outcome,
                    Rectangle{point.column, point.column + width, point.row, point.row + 1});
    }
    return stamper.top();
}

double stamp_discs(const Discs& discs, const Stamping& stamping, const Sums& heat) {
    DiscScan scan(heat.grid);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < discs.count; ++i) {
        const Outcome outcome = scan.scan(discs, i);
        stamper.lay(i, outcome, scan.runs());
    }
    return stamper.top();
}

double stamp_masks(const Masks& masks, const Stamping& stamping, const Sums& heat) {
    MaskScan scan(heat.grid, Rule::center);
    Stamper stamper(stamping, heat);
    for (std::size_t i = 0; i < masks.count; ++i) {
        const Outcome outcome = scan.scan(masks, i);
        const bool is_hit = outcome == Outcome::counted || outcome == Outcome::fallback;
        stamper.lay(i, outcome, is_hit ? scan.runs() : Runs{nullptr, 0});
    }
    return stamper.top();
}

}  // namespace heatgrid
