#include "heatgrid/shapes/crossing_walk.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "crossing_walk_avx2.hpp"
#include "heatgrid/simd/double2.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {
namespace {

// Crossings are written in blocks of eight.
constexpr std::size_t overshoot = 8;

// Limit of stored crossings per part: 16 MB.
constexpr std::size_t max_crossings = std::size_t{1} << 22;

}  // namespace

CrossingWalk::CrossingWalk(Grid grid) : cells_(grid) {
    const std::int32_t padded = grid.rows + static_cast<std::int32_t>(overshoot);
    centers_down_.reserve(static_cast<std::size_t>(padded));
    centers_up_.reserve(static_cast<std::size_t>(padded));
    for (std::int32_t row = 0; row < padded; ++row) {
        centers_down_.push_back(cells_.y.center(row));
        centers_up_.push_back(cells_.y.center(grid.rows - 1 - row));
    }
    walk_.centers_down = centers_down_.data();
    walk_.centers_up = centers_up_.data();
    walk_.rows = grid.rows;
    walk_.columns_across = cells_.x.scale();
    walk_.error_bound = 0.5 - 8.0 * cells_.x.tie_margin();
}

void CrossingWalk::open(const double* vertices, std::size_t count) {
    vertices_ = vertices;
    if (rows_above_.size() < count) {
        rows_above_.resize(count);
        edges_.resize(count + overshoot);
        extrema_.resize(count + 1);
        chains_.resize(count);
    }
    rings_.clear();
    edge_count_ = 0;
    is_regular_ = true;
}

void CrossingWalk::add_ring(std::size_t first, std::size_t last) {
    Ring& ring = rings_.add();
    ring = {first, last, edge_count_, 0};
    if constexpr (compiled_for_avx2) {
        if (has_avx2() && last - first >= 4) {
            const RingScan scan = scan_ring_avx2(vertices_, first, last, cells_.y, rows_above_.data(),
                                                 edges_.data() + edge_count_);
            is_regular_ &= scan.is_regular;
            ring.edge_count = scan.edges;
            if (!scan.is_exact) {
                settle_ties(first, last);
                ring.edge_count = find_edges(first, last);
            }
            edge_count_ += ring.edge_count;
            return;
        }
    }
    if (!find_rows(first, last)) settle_ties(first, last);
    ring.edge_count = find_edges(first, last);
    edge_count_ += ring.edge_count;
}

// Finds the rows above a ring's vertices; whether all of them are exact.
bool CrossingWalk::find_rows(std::size_t first, std::size_t last) noexcept {
    const Double2 zero(0.0);
    const Double2 one(1.0);
    const Double2 two(2.0);
    const Double2 half(0.5);
    const Double2 scale(cells_.y.scale());
    Double2 from_half = zero;
    bool is_regular = true;
    for (std::size_t i = first; i < last; i += 2) {
        const std::size_t at = std::min(i, last - 2);
        const Double2 a = Double2::load(vertices_ + 2 * at);
        const Double2 b = Double2::load(vertices_ + 2 * at + 2);
        is_regular &= ((abs(a) < two) & (abs(b) < two)).all();
        const Double2 estimate = clamp(Double2::seconds(a, b), zero, one) * scale + half;
        from_half = max(abs(estimate - estimate.truncate(&rows_above_[at]) - half), from_half);
    }
    is_regular_ &= is_regular;
    return (from_half < Double2(0.5 - cells_.y.tie_margin())).all();
}

// Finds the rows again, by the exact rule.
void CrossingWalk::settle_ties(std::size_t first, std::size_t last) noexcept {
    for (std::size_t i = first; i < last; ++i) rows_above_[i] = cells_.y.centers_below(vertices_[2 * i + 1]);
}

// Finds the edges of a ring that cross rows, the one to its first vertex last; returns their number.
std::size_t CrossingWalk::find_edges(std::size_t first, std::size_t last) noexcept {
    const std::int32_t* const rows = rows_above_.data();
    std::uint32_t* const edges = edges_.data() + edge_count_;
    std::size_t found = 0;
    for (std::size_t to = first + 1; to < last; ++to) {
        edges[found] = static_cast<std::uint32_t>(to);
        found += static_cast<std::size_t>(rows[to] != rows[to - 1]);
    }
    edges[found] = static_cast<std::uint32_t>(first);
    return found + static_cast<std::size_t>(rows[first] != rows[last - 1]);
}

bool CrossingWalk::follow() {
    auto estimate_ring = estimate;
    if constexpr (compiled_for_avx2) {
        if (has_avx2()) estimate_ring = estimate_ring_avx2;
    }
    chain_count_ = 0;
    crossing_count_ = 0;
    if (!make_room()) return false;
    std::optional<ColumnRange> range;  // computed on first use
    for (const Ring& ring : rings_) {
        if (ring.edge_count == 0) continue;
        point_to(ring);
        std::size_t chains = is_regular_ ? estimate_ring(walk_) : 0;
        if (chains == 0) {
            if (!range) range = columns_of_extent();
            chains = walk_exactly(walk_, *range);
        }
        take_chains(chains);
    }
    return true;
}

// Reserves memory for the crossings of all rings; false if that is too much.
bool CrossingWalk::make_room() {
    std::size_t needed = edge_count_ * static_cast<std::size_t>(cells_.y.cells());
    if (needed + overshoot <= columns_.size()) return true;
    if (needed > max_crossings) {
        needed = 0;
        for (const Ring& ring : rings_) {
            point_to(ring);
            for (std::size_t k = 0; k < ring.edge_count && needed <= max_crossings; ++k) {
                const Edge edge = edge_of(walk_, walk_.edges[k]);
                needed += static_cast<std::size_t>(edge.bottom() - edge.top());
            }
        }
        if (needed > max_crossings) return false;
    }
    if (columns_.size() < needed + overshoot) columns_.resize(needed + overshoot);
    return true;
}

void CrossingWalk::take_chains(std::size_t count) {
    const LocalExtremum* const extrema = extrema_.data();
    MonotoneChain* const chains = chains_.data() + chain_count_;
    for (std::size_t k = 0; k < count; ++k) {
        chains[k] = {extrema[k].row, extrema[k + 1].row, walk_.columns + extrema[k].crossings};
    }
    chain_count_ += count;
    crossing_count_ += extrema[count].crossings;
}

void CrossingWalk::point_to(const Ring& ring) noexcept {
    walk_.vertices = vertices_;
    walk_.rows_above = rows_above_.data();
    walk_.first = static_cast<std::uint32_t>(ring.first);
    walk_.last = static_cast<std::uint32_t>(ring.last);
    walk_.edges = edges_.data() + ring.first_edge;
    walk_.edge_count = ring.edge_count;
    walk_.columns = columns_.data() + crossing_count_;
    walk_.extrema = extrema_.data();
}

CrossingWalk::Edge CrossingWalk::edge_of(const RingWalk& walk, std::uint32_t to) noexcept {
    const std::uint32_t from = walk.before(to);
    return {walk.vertices + 2 * std::size_t{to}, walk.vertices + 2 * std::size_t{from}, walk.rows_above[from],
            walk.rows_above[to]};
}

// Calls fill(edge, centers, columns, height) per edge; writes the extrema, and returns the number of chains
// between them.
template <class Fill>
std::size_t CrossingWalk::walk_along(const RingWalk& walk, const Fill& fill) noexcept {
    std::size_t chains = 0;
    std::size_t crossings = 0;
    bool led_down = false;
    for (std::size_t k = 0; k < walk.edge_count; ++k) {
        const Edge edge = edge_of(walk, walk.edges[k]);
        const bool leads_down = edge.from < edge.to;
        if (k == 0 || leads_down != led_down)
            walk.extrema[chains++] = {edge.from, static_cast<std::uint32_t>(crossings)};
        led_down = leads_down;
        const double* const centers =
            leads_down ? walk.centers_down + edge.from : walk.centers_up + (walk.rows - edge.from);
        const std::int32_t height = edge.bottom() - edge.top();
        fill(edge, centers, walk.columns + crossings, height);
        crossings += static_cast<std::size_t>(height);
        walk.extrema[chains] = {edge.to, static_cast<std::uint32_t>(crossings)};
    }
    return chains;
}

// Returns 0 if an estimate is ambiguous. An estimate saves the division of the exact expression. Both are
// accurate to 2^-50 of the larger of run and x, which for coordinates below 2 is at most 4 * n * 2^-50 of a
// cell.
std::size_t CrossingWalk::estimate(const RingWalk& walk) noexcept {
    const Double2 half(0.5);
    const Double2 low(0.5);
    const Double2 high(walk.columns_across + 0.5);
    Double2 from_half(0.0);
    double smallest_rise = 1.0;
    const std::size_t chains = walk_along(
        walk, [&](const Edge& edge, const double* centers, std::int32_t* columns, std::int32_t height) {
            const double rise = edge.j[1] - edge.i[1];
            smallest_rise = std::min(std::fabs(rise), smallest_rise);
            const Double2 slope((edge.j[0] - edge.i[0]) / rise * walk.columns_across);
            const Double2 x(edge.i[0] * walk.columns_across + 0.5);
            const Double2 y(edge.i[1]);
            for (std::int32_t r = 0; r < height; r += 2) {
                const Double2 place = clamp(slope * (Double2::load(centers + r) - y) + x, low, high);
                from_half = max(abs(place - place.truncate(columns + r) - half), from_half);
            }
        });
    return ((from_half < Double2(walk.error_bound)).all() & (smallest_rise >= min_rise)) ? chains : 0;
}

std::size_t CrossingWalk::walk_exactly(const RingWalk& walk, const ColumnRange& range) const noexcept {
    return walk_along(
        walk, [&](const Edge& edge, const double* centers, std::int32_t* columns, std::int32_t height) {
            for (std::int32_t r = 0; r < height; ++r) columns[r] = exact_column(edge, centers[r], range);
        });
}

// Clamped to the columns that the part overlaps, since an almost horizontal edge is given more rise than it
// has.
std::int32_t CrossingWalk::exact_column(const Edge& edge, double y, const ColumnRange& range) const noexcept {
    const double rise = edge.j[1] - edge.i[1];
    const double d = std::fabs(rise) < min_rise ? min_rise : rise;
    const double x = (edge.j[0] - edge.i[0]) * (y - edge.i[1]) / d + edge.i[0];
    return std::clamp(cells_.x.centers_below(x), range.first, range.last);
}

CrossingWalk::ColumnRange CrossingWalk::columns_of_extent() const noexcept {
    Extent all;
    for (const Ring& ring : rings_)
        all.include(extent_of(vertices_ + 2 * ring.first, ring.last - ring.first));
    return {cells_.x.first_touched(clamp_to_unit(all.low().first())),
            cells_.x.last_touched(clamp_to_unit(all.high().first()))};
}

}  // namespace heatgrid
