#include "heatgrid/shapes/area/polygon_cover.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/shapes/orientation.hpp"
#include "heatgrid/simd/double2.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t steps_per_segment = 50;

// Rings are clipped to this distance from the origin, normalized: the error of a crossing in doubles is then
// at most 2^-47 of the image.
constexpr double far = 16.0;

bool is_far(const Extent& ring) noexcept {
    const Double2 limit(far);
    return ring.is_finite() && !((ring.high() < limit) & (Double2(-far) < ring.low())).all();
}

// Clips a ring to the square of `far` around the origin: one side, a quarter turn, the next side (I. E.
// Sutherland, G. W. Hodgman, "Reentrant Polygon Clipping", Communications of the ACM 17, 1974).
void clip_far(std::vector<Position>& ring) {
    std::vector<Position> clipped;
    for (int side = 0; side < 4 && !ring.empty(); ++side) {
        clipped.clear();
        Position before = ring.back();
        for (const Position& vertex : ring) {
            if ((before.y > far) != (vertex.y > far)) {
                const double x = crossing(before, vertex, far);
                clipped.push_back(
                    {far, -std::clamp(x, std::min(before.x, vertex.x), std::max(before.x, vertex.x))});
            }
            if (vertex.y <= far) clipped.push_back({vertex.y, -vertex.x});
            before = vertex;
        }
        ring.swap(clipped);
    }
}

// The power of two that scales a length to (0.5, 1], approximately for the smallest lengths.
double unit_over(double length) noexcept {
    int exponent = 0;
    static_cast<void>(std::frexp(length, &exponent));
    return std::ldexp(1.0, std::min(-exponent, 1000));
}

}  // namespace

PolygonCover::PolygonCover(Grid grid, std::size_t max_work)
    : grid_(grid), reader_(grid), chains_(grid.rows), sweep_(max_work), row_(grid.columns) {}

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
            whole.include(extent);
            ++parts_;
        } else {
            rings_.resize(rings);
            vertex_count_ = vertices;
        }
    }
    const Outcome outcome = reader_.outcome();
    if (outcome != Outcome::counted || cover(whole)) return outcome;
    runs_.clear();
    partial_cells_.clear();
    return Outcome::too_complex;
}

// Reads a part: its extent, and its rings in cells.
Extent PolygonCover::read_part() {
    const Double2 cells(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    const double* const normalized = reader_.vertices();
    Extent part;
    reader_.for_each_ring([&](std::size_t first, std::size_t last) {
        reserve(last - first);
        Extent ring;
        for (std::size_t i = first; i < last; ++i) {
            const Double2 vertex = Double2::load(normalized + 2 * i);
            ring.include(vertex);
            const Double2 at = vertex * cells;
            vertices_[vertex_count_ + i - first] = {at.first(), at.second()};
        }
        part.include(ring);
        std::size_t count = last - first;
        if (is_far(ring)) count = read_clipped(normalized + 2 * first, count);
        rings_.push_back({vertex_count_, count, parts_});
        vertex_count_ += count;
    });
    return part;
}

// Writes a ring that reaches far, clipped; the number of its vertices.
std::size_t PolygonCover::read_clipped(const double* normalized, std::size_t count) {
    std::vector<Position> ring(count);
    for (std::size_t i = 0; i < count; ++i) ring[i] = {normalized[2 * i], normalized[2 * i + 1]};
    clip_far(ring);
    reserve(ring.size());
    for (std::size_t i = 0; i < ring.size(); ++i) {
        vertices_[vertex_count_ + i] = {ring[i].x * grid_.columns, ring[i].y * grid_.rows};
    }
    return ring.size();
}

void PolygonCover::reserve(std::size_t count) {
    if (vertices_.size() < vertex_count_ + count) vertices_.resize(2 * (vertex_count_ + count));
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

// False if the work limit ends it.
bool PolygonCover::cover(const Extent& extent) {
    const Double2 cells(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    const Frame frame =
        frame_of(max(extent.low(), Double2(-far)) * cells, min(extent.high(), Double2(far)) * cells);
    chains_.open(frame.rows, frame.columns, frame.is_cut);
    for (const Ring& ring : rings_) {
        Position* const vertices = vertices_.data() + ring.first;
        for (std::size_t i = 0; i < ring.count; ++i) {
            const Double2 at = (Double2(vertices[i].x, vertices[i].y) - frame.origin) * frame.scale;
            vertices[i] = {at.first(), at.second()};
        }
        chains_.add_ring(vertices, ring.count, ring.part);
    }
    sweep_.open(parts_, chains_.end_count(), frame.columns);
    bool is_done = true;
    while (chains_.next_row()) {
        check_(steps_per_segment * chains_.segments().size());
        is_done = is_done && sweep_.sweep(chains_.segments(), chains_.points(), row_);
        const std::int32_t row = frame.row + chains_.row();
        row_.consume(
            frame.columns,
            [&](std::int32_t first, std::int32_t last) {
                take_run(row, frame.column + first, frame.column + last);
            },
            [&](std::int32_t column, double fraction) { take_part(row, frame.column + column, fraction); });
    }
    if (frame.share == 1.0 || !is_done) return is_done;
    // One cell; rounding may exceed the shape's own size.
    if (!runs_.empty()) take_part(frame.row, frame.column, 1.0);
    runs_.clear();
    for (std::size_t i = 0; i < partial_cells_.size(); ++i) partial_cells_[i].fraction *= frame.share;
    return true;
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
