#include "heatgrid/live/stamp.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/disc.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/point.hpp"
#include "heatgrid/simd/intrinsics.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

// A run of cells that a shape adds to.
struct Stroke {
    Run run;
    std::size_t shape = 0;
};

#if defined(HEATGRID_AVX2)

// Adds to four cells, and returns the sums.
HEATGRID_TARGET_AVX2 inline __m256d add_four(double* cells, __m256d more) noexcept {
    const __m256d sums = _mm256_add_pd(_mm256_loadu_pd(cells), more);
    _mm256_storeu_pd(cells, sums);
    return sums;
}

// Mask of the first `count` of four cells.
HEATGRID_TARGET_AVX2 inline __m256d first_of_four(std::int32_t count) noexcept {
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3)));
}

// Adds strokes in their order, each with its shape's amount. `top` becomes the greatest sum, if that is
// greater. Sums are not negative.
HEATGRID_TARGET_AVX2 void add_strokes_avx2(const Stroke* strokes, std::size_t count, const double* amounts,
                                           const Sums& heat, double& top) noexcept {
    const auto columns = static_cast<std::size_t>(heat.grid.columns);
    const double* const end = heat.values + heat.grid.cells();
    __m256d tops[2] = {_mm256_set1_pd(top), _mm256_setzero_pd()};
    double last_top = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const Run& run = strokes[i].run;
        double* cells = heat.values + static_cast<std::size_t>(run.row) * columns + run.first;
        std::int32_t left = run.last - run.first;
        const __m256d more = _mm256_set1_pd(amounts[strokes[i].shape]);
        for (; left >= 8; left -= 8, cells += 8) {
            // The rows below are likely to follow: prefetched in two steps.
            _mm_prefetch(reinterpret_cast<const char*>(cells + 3 * columns), _MM_HINT_T1);
            _mm_prefetch(reinterpret_cast<const char*>(cells + columns), _MM_HINT_T0);
            tops[0] = _mm256_max_pd(tops[0], add_four(cells, more));
            tops[1] = _mm256_max_pd(tops[1], add_four(cells + 4, more));
        }
        if (end - cells >= 8) {  // adds 0 to the cells after the run
            for (int k = 0; k < 2; ++k) {
                const __m256d meant = first_of_four(left - 4 * k);
                const __m256d sums = add_four(cells + 4 * k, _mm256_and_pd(more, meant));
                tops[k] = _mm256_max_pd(tops[k], _mm256_and_pd(sums, meant));
            }
            continue;
        }
        for (; left > 0; --left, ++cells) {
            *cells += amounts[strokes[i].shape];
            last_top = std::max(last_top, *cells);
        }
    }
    alignas(32) double four[4];
    _mm256_store_pd(four, _mm256_max_pd(tops[0], tops[1]));
    top = std::max(last_top, *std::max_element(four, four + 4));
}

#endif

// Intersection of a run and a rectangle.
Run cut(const Run& run, const Rectangle& limit) noexcept {
    if (run.row < limit.top || run.row >= limit.bottom) return {run.row, 0, 0};
    return {run.row, std::max(run.first, limit.left), std::min(run.last, limit.right)};
}

// Collects the runs of one shape after another and adds them row by row, so that a row of the map is fetched
// once. Within a row, and so in every cell, shapes keep their order.
class Stamper {
  public:
    Stamper(const Stamping& stamping, const Sums& heat) noexcept : stamping_(stamping), heat_(heat) {}

    void take(std::size_t shape, Outcome outcome, const Runs& runs) {
        const std::size_t before = strokes_.size();
        for (const Run& run : runs) {
            const Run within = stamping_.limits ? cut(run, stamping_.limits[shape]) : run;
            if (within.first >= within.last) continue;
            Stroke& stroke = strokes_.add();
            stroke.run = within;
            stroke.shape = shape;
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

    // Adds all runs; returns the greatest value of a cell that was changed.
    [[nodiscard]] double add() {
        const std::vector<Stroke> strokes = by_row();
        if (!stamping_.footprints) {
            add(strokes.data(), strokes.size());
            return top_;
        }
        for (const Stroke& stroke : strokes) {
            if (Footprint* const footprint = footprint_of(stroke.shape)) {
                footprint->insert(stroke.run, [&](const Run& fresh) {
                    const Stroke part{fresh, stroke.shape};
                    add(&part, 1);
                });
            } else {
                add(&stroke, 1);
            }
        }
        return top_;
    }

  private:
    void add(const Stroke* strokes, std::size_t count) noexcept {
#if defined(HEATGRID_AVX2)
        if (has_avx2()) {
            add_strokes_avx2(strokes, count, stamping_.amounts, heat_, top_);
            return;
        }
#endif
        for (std::size_t i = 0; i < count; ++i) {
            const Run& run = strokes[i].run;
            const double amount = stamping_.amounts[strokes[i].shape];
            double* const cells = heat_.values + static_cast<std::size_t>(run.row) *
                                                     static_cast<std::size_t>(heat_.grid.columns);
            for (std::int32_t c = run.first; c < run.last; ++c) {
                cells[c] += amount;
                top_ = std::max(top_, cells[c]);
            }
        }
    }

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

    // Sorts the strokes by row; counting sort, which is stable.
    [[nodiscard]] std::vector<Stroke> by_row() const {
        std::vector<std::size_t> starts(static_cast<std::size_t>(heat_.grid.rows) + 1, 0);
        for (const Stroke& stroke : strokes_) ++starts[static_cast<std::size_t>(stroke.run.row) + 1];
        for (std::size_t row = 1; row < starts.size(); ++row) starts[row] += starts[row - 1];
        std::vector<Stroke> ordered(strokes_.size());
        for (const Stroke& stroke : strokes_) {
            ordered[starts[static_cast<std::size_t>(stroke.run.row)]++] = stroke;
        }
        return ordered;
    }

    const Stamping& stamping_;
    Sums heat_;
    Scratch<Stroke> strokes_;
    std::vector<Run> rows_;
    double top_ = 0.0;
};

}  // namespace

double stamp_shapes(const Shapes& shapes, const Stamping& stamping, const Sums& heat) {
    Stamper stamper(stamping, heat);
    Checkpoint check;
    if (shapes.has(Kind::box)) {
        const Cells cells(heat.grid);
        for (std::size_t i = 0; i < shapes.count; ++i) {
            check(static_cast<std::size_t>(heat.grid.rows));
            const BoxCells box = scan_box(shapes.boxes, i, cells, BoxOptions{});
            stamper.take(i, box.outcome, box.cells);
        }
    } else if (shapes.has(Kind::points)) {
        const Cells cells(heat.grid);
        const Points points{shapes.points.coordinates, shapes.count, shapes.points.sizes};
        for (std::size_t i = 0; i < shapes.count; ++i) {
            check(static_cast<std::size_t>(heat.grid.rows));
            const PointCell point = scan_point(points, i, cells, OutsidePoints::drop);
            const std::int32_t width = point.outcome == Outcome::counted ? 1 : 0;
            stamper.take(i, point.outcome,
                         Rectangle{point.column, point.column + width, point.row, point.row + 1});
        }
    } else if (shapes.has(Kind::disc)) {
        DiscScan scan(heat.grid);
        for (std::size_t i = 0; i < shapes.count; ++i) {
            check(static_cast<std::size_t>(heat.grid.rows));
            const Outcome outcome = scan.scan(shapes.discs, i);
            stamper.take(i, outcome, scan.runs());
        }
    } else {
        MaskScan scan(heat.grid, Rule::center);
        for (std::size_t i = 0; i < shapes.count; ++i) {
            check(static_cast<std::size_t>(heat.grid.rows));
            const Outcome outcome = scan.scan(shapes.masks, i);
            const bool is_hit = outcome == Outcome::counted || outcome == Outcome::counted_as_point;
            stamper.take(i, outcome, is_hit ? scan.runs() : Runs{nullptr, 0});
        }
    }
    return stamper.add();
}

}  // namespace heatgrid
