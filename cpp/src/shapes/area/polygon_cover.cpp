#include "heatgrid/shapes/area/polygon_cover.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/simd/double2.hpp"

namespace heatgrid {
namespace {

// The power of two that scales a length to (0.5, 1], approximately for the smallest lengths.
double unit_over(double length) noexcept {
    int exponent = 0;
    static_cast<void>(std::frexp(length, &exponent));
    return std::ldexp(1.0, std::min(-exponent, 1000));
}

}  // namespace

PolygonCover::PolygonCover(Grid grid) : grid_(grid), reader_(grid), chains_(grid.rows), row_(grid.columns) {}

Outcome PolygonCover::scan(const Polygons& polygons, std::size_t annotation) {
    runs_.clear();
    partial_cells_.clear();
    rings_.clear();
    vertex_count_ = 0;
    parts_ = 0;
    Extent whole;
    reader_.open(polygons, annotation);
    while (reader_.next_part()) {
        const std::size_t rings = rings_.size();
        const std::size_t vertices = vertex_count_;
        const Extent extent = read_part();
        if (reader_.accept(extent)) {
            whole.include(extent.low());
            whole.include(extent.high());
            ++parts_;
        } else {
            rings_.resize(rings);
            vertex_count_ = vertices;
        }
    }
    const Outcome outcome = reader_.outcome();
    if (outcome == Outcome::counted) cover(whole);
    return outcome;
}

// Reads a part: its extent, and its rings in cells.
Extent PolygonCover::read_part() {
    const Double2 cells(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    const Double2 largest(std::numeric_limits<double>::max());
    const double* const normalized = reader_.vertices();
    Extent extent;
    if (vertices_.size() < vertex_count_ + reader_.vertex_count()) {
        vertices_.resize(vertex_count_ + reader_.vertex_count());
    }
    reader_.for_each_ring([&](std::size_t first, std::size_t last) {
        rings_.push_back({vertex_count_, last - first, parts_});
        Position* const vertices = vertices_.data() + vertex_count_;
        for (std::size_t i = first; i < last; ++i) {
            const Double2 vertex = Double2::load(normalized + 2 * i);
            extent.include(vertex);
            const Double2 at = clamp(vertex * cells, Double2(0.0) - largest, largest);
            vertices[i - first] = {at.first(), at.second()};
        }
        vertex_count_ += last - first;
    });
    return extent;
}

// Origin: the first row and column of the shape; for a shape within one cell its own corner, with a unit of
// about its size, a power of two.
PolygonCover::Frame PolygonCover::frame_of(Double2 low, Double2 high) const noexcept {
    const Double2 zero(0.0);
    const Double2 cells(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    DoubledIndex first[2];
    DoubledIndex last[2];
    find_doubled_indices(low, zero, cells, first);
    find_doubled_indices(high, zero, cells, last);
    const std::int32_t column = line_before(first[0]);
    const std::int32_t row = line_before(first[1]);
    const bool is_inside = low.first() >= 0.0 && low.second() >= 0.0 && high.first() <= cells.first() &&
                           high.second() <= cells.second();
    if (is_inside && line_after(last[0]) - column == 1 && line_after(last[1]) - row == 1) {
        const Double2 extent = high - low;
        const double width = unit_over(extent.first());
        const double height = unit_over(extent.second());
        return {row, column, 1, 1, low, Double2(width, height), 1.0 / width / height, false};
    }
    const bool is_cut = low.first() < 0.0 || high.first() > cells.first();
    return {row,
            column,
            grid_.rows - row,
            grid_.columns - column,
            Double2(static_cast<double>(column), static_cast<double>(row)),
            Double2(1.0),
            1.0,
            is_cut};
}

void PolygonCover::cover(const Extent& extent) {
    const Double2 cells(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    const Frame frame = frame_of(extent.low() * cells, extent.high() * cells);
    const Double2 reach = max(extent.high(), Double2(0.0) - extent.low()) * cells;
    chains_.open(frame.rows, frame.columns, frame.is_cut, std::max(reach.first(), reach.second()));
    for (const Ring& ring : rings_) {
        Position* const vertices = vertices_.data() + ring.first;
        for (std::size_t i = 0; i < ring.count; ++i) {
            const Double2 at = (Double2(vertices[i].x, vertices[i].y) - frame.origin) * frame.scale;
            vertices[i] = {at.first(), at.second()};
        }
        chains_.add_ring(vertices, ring.count, ring.part);
    }
    sweep_.open(parts_, chains_.end_count(), frame.columns);
    while (chains_.next_row()) {
        sweep_.sweep(chains_.segments(), chains_.points(), row_);
        const std::int32_t row = frame.row + chains_.row();
        row_.consume(
            frame.columns,
            [&](std::int32_t first, std::int32_t last) {
                take_run(row, frame.column + first, frame.column + last);
            },
            [&](std::int32_t column, double fraction) { take_part(row, frame.column + column, fraction); });
    }
    if (frame.share == 1.0) return;
    // One cell; rounding may exceed the shape's own size.
    if (!runs_.empty()) take_part(frame.row, frame.column, 1.0);
    runs_.clear();
    for (std::size_t i = 0; i < partial_cells_.size(); ++i) partial_cells_[i].fraction *= frame.share;
}

void PolygonCover::take_run(std::int32_t row, std::int32_t first, std::int32_t last) {
    Run& run = runs_.add();
    run.row = row;
    run.first = first;
    run.last = last;
}

void PolygonCover::take_part(std::int32_t row, std::int32_t column, double fraction) {
    PartialCell& cell = partial_cells_.add();
    cell.row = row;
    cell.column = column;
    cell.fraction = fraction;
}

}  // namespace heatgrid
