#include "heatgrid/polygon.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/pair.hpp"
#include "heatgrid/processor.hpp"
#include "heatgrid/slots.hpp"
#include "polygon_avx2.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t crossings_at_a_time = 4096;
constexpr double least_rise = 1e-12;

}  // namespace

PolygonScan::PolygonScan(Grid grid, Rule rule)
    : cells_(grid),
      rule_(rule),
      reader_(grid),
      row_centres_(static_cast<std::size_t>(grid.rows) + 4),
      row_counts_(static_cast<std::size_t>(grid.rows), 0),
      row_crossings_(row_counts_.size() * row_limit),
      crossings_(grid),
      united_(grid) {
    for (std::int32_t row = 0; row < grid.rows + 4; ++row) {
        row_centres_[static_cast<std::size_t>(row)] = cells_.y.centre(row);
    }
    // One edge may overshoot by all rows, and crossings are written four by four.
    found_.rows.resize(crossings_at_a_time + static_cast<std::size_t>(grid.rows) + 4);
    found_.columns.resize(found_.rows.size());
    doubts_.resize(crossings_at_a_time);
}

Outcome PolygonScan::scan(const Polygons& polygons, std::size_t annotation) {
    run_count_ = 0;
    reader_.open(polygons, annotation);
    const bool has_many_parts = reader_.has_many_parts();
    while (reader_.next_part()) {
        if (!reader_.accept(load_part()) || rule_ == Rule::point) continue;
        scan_part();
        if (has_many_parts) {
            for (const Run& run : runs()) united_.insert(run);
            run_count_ = 0;
        }
    }
    if (has_many_parts) united_.drain_runs([this](const Run& run) { take_run(run); });
    const Outcome outcome = reader_.outcome();
    if (outcome != Outcome::counted) {
        run_count_ = 0;
        return outcome;
    }
    if (run_count_ != 0) return Outcome::counted;
    const std::optional<Run> mean = reader_.mean_cell();
    if (!mean) return Outcome::outside;
    take_run(*mean);
    return rule_ == Rule::point ? Outcome::counted : Outcome::fallback;
}

// Finds a part's extent and the edges that cross rows.
Extent PolygonScan::load_part() {
    vertices_ = reader_.vertices();
    if (rows_above_.size() < reader_.vertex_count()) {
        rows_above_.resize(reader_.vertex_count());
        edges_.resize(reader_.vertex_count() + 3);
    }
    extent_ = Extent();
    edge_count_ = 0;
    reader_.for_each_ring([this](std::size_t first, std::size_t last) { load_ring(first, last); });
    return extent_;
}

void PolygonScan::load_ring(std::size_t first, std::size_t last) {
    static const bool is_wide_machine = has_avx2();
    if (is_wide_machine && last - first >= 4) {
        const RingScan ring =
            scan_ring_avx2(vertices_, first, last, cells_.y, rows_above_.data(), edges_.data() + edge_count_);
        extent_.include(ring.extent);
        edge_count_ += ring.edges;
        if (ring.is_sure) return;
        edge_count_ -= ring.edges;
        settle_ties(first, last);
    } else {
        find_rows(first, last);
    }
    find_crossing_edges(first, last);
}

// One pass over a ring's vertices: extent and rows above.
void PolygonScan::find_rows(std::size_t first, std::size_t last) {
    const Axis axis = cells_.y;
    const Pair zero(0.0);
    const Pair one(1.0);
    const Pair half(0.5);
    const Pair scale(axis.scale());
    Extent extent = extent_;
    Pair from_half = zero;
    const auto find = [&](Pair ys, std::int32_t* rows) {
        const Pair guess = clamp(ys, zero, one) * scale + half;
        from_half = max(abs(guess - guess.truncate(rows) - half), from_half);
    };
    std::size_t i = first;
    for (; i + 1 < last; i += 2) {
        const Pair a = Pair::load(vertices_ + 2 * i);
        const Pair b = Pair::load(vertices_ + 2 * i + 2);
        extent.include(a);
        extent.include(b);
        find(Pair::seconds(a, b), &rows_above_[i]);
    }
    if (i < last) {
        const Pair a = Pair::load(vertices_ + 2 * i);
        std::int32_t rows[2];
        extent.include(a);
        find(Pair::seconds(a, a), rows);
        rows_above_[i] = rows[0];
    }
    extent_ = extent;
    if (!(from_half < Pair(0.5 - axis.tie_margin())).all()) settle_ties(first, last);
}

// The guesses again, those near a tie by the exact rule.
void PolygonScan::settle_ties(std::size_t first, std::size_t last) noexcept {
    for (std::size_t i = first; i < last; ++i) rows_above_[i] = cells_.y.centres_below(vertices_[2 * i + 1]);
}

void PolygonScan::find_crossing_edges(std::size_t first, std::size_t last) noexcept {
    const std::int32_t* const rows = rows_above_.data();
    PolygonEdge* const edges = edges_.data();
    std::size_t found = edge_count_;
    auto from = static_cast<std::uint32_t>(last - 1);
    std::int32_t before = rows[from];
    for (auto to = static_cast<std::uint32_t>(first); to < last; ++to) {
        const std::int32_t here = rows[to];
        edges[found] = {from, to};
        found += static_cast<std::size_t>(here != before);
        before = here;
        from = to;
    }
    edge_count_ = found;
}

PolygonScan::RowRange PolygonScan::rows_of(const PolygonEdge& edge) const noexcept {
    const std::int32_t a = rows_above_[edge.from];
    const std::int32_t b = rows_above_[edge.to];
    return {a < b ? a : b, a < b ? b : a};
}

// Calls mark(row, n) for each crossing, n the number of column centres left of it, cut to the columns that
// the part's extent overlaps.
template <class Mark>
void PolygonScan::mark_crossings(Mark&& mark) {
    const std::int32_t first_column = cells_.x.first_touched(clamp_to_unit(extent_.low().first()));
    const std::int32_t last_column = cells_.x.last_touched(clamp_to_unit(extent_.high().first()));
    for (std::size_t k = 0; k < edge_count_;) {
        k = find_crossings(k, first_column, last_column);
        const std::int32_t* const rows = found_.rows.data();
        const std::int32_t* const columns = found_.columns.data();
        for (std::size_t c = 0; c < found_.count; ++c) mark(rows[c], columns[c]);
    }
}

// Finds the crossings of some edges, from one on, and returns the next. Guesses are made four of an edge at a
// time, which is all of them for most; the exact rule settles edges that come near a tie. A guess takes a
// division less than the exact expression; both are right to 2^-50 of the longest of run and x, which for
// edges about as large as the image is at most 4 * n * 2^-50 of a cell.
std::size_t PolygonScan::find_crossings(std::size_t first_edge, std::int32_t first_column,
                                        std::int32_t last_column) noexcept {
    static const auto guess = has_avx2() ? guess_crossings_avx2 : guess_crossings;
    const Axis axis = cells_.x;
    const bool is_small = (Pair(-1.0) < extent_.low()).all() && (extent_.high() < Pair(2.0)).all();
    const CrossingsFound found = guess({
        vertices_,
        rows_above_.data(),
        row_centres_.data(),
        axis.scale(),
        first_column,
        last_column,
        is_small ? 0.5 - 8.0 * axis.tie_margin() : 0.0,
        least_rise,
        edges_.data() + first_edge,
        edge_count_ - first_edge,
        crossings_at_a_time,
        found_.rows.data(),
        found_.columns.data(),
        doubts_.data(),
    });
    found_.count = found.crossings;
    for (std::size_t d = 0; d < found.doubts; ++d) {
        const auto [top, bottom] = rows_of(doubts_[d]);
        for (std::int32_t row = top; row < bottom; ++row) {
            const std::int32_t column = axis.centres_below(exact_crossing(doubts_[d], row));
            found_.rows[found_.count] = row;
            found_.columns[found_.count++] = std::clamp(column, first_column, last_column);
        }
    }
    return first_edge + found.edges;
}

CrossingsFound PolygonScan::guess_crossings(const CrossingTask& task) noexcept {
    const Pair half(0.5);
    const Pair low = Pair(static_cast<double>(task.first_column)) + half;
    const Pair high = Pair(static_cast<double>(task.last_column)) + half;
    const Pair sure(task.sure);
    CrossingsFound found;
    std::size_t left_out = 0;
    for (; found.edges < task.edge_count && found.crossings + left_out < task.limit; ++found.edges) {
        const PolygonEdge edge = task.edges[found.edges];
        const double* i = task.vertices + 2 * std::size_t{edge.to};
        const double* j = task.vertices + 2 * std::size_t{edge.from};
        const double rise = j[1] - i[1];
        const Pair slope((j[0] - i[0]) / rise * task.columns_across);
        const Pair x(i[0] * task.columns_across + 0.5);
        const Pair y(i[1]);
        const std::int32_t a = task.rows_above[edge.from];
        const std::int32_t b = task.rows_above[edge.to];
        const std::int32_t top = smaller(a, b);
        const std::int32_t height = greater(a, b) - top;
        const auto guess = [&](const double* centres, std::int32_t* columns) {
            const Pair in_cells = clamp(slope * (Pair::load(centres) - y) + x, low, high);
            return abs(in_cells - in_cells.truncate(columns) - half);
        };
        const double* const centres = task.row_centres + top;
        std::int32_t* const columns = task.columns + found.crossings;
        std::int32_t* const rows = task.rows + found.crossings;
        Pair from_half(0.0);
        for (std::int32_t r = 0; r < height; r += 4) {
            from_half =
                max(max(guess(centres + r, columns + r), guess(centres + r + 2, columns + r + 2)), from_half);
            for (std::int32_t n = 0; n < 4; ++n) rows[r + n] = top + r + n;
        }
        if ((from_half < sure).all() & (std::fabs(rise) >= task.least_rise)) {
            found.crossings += static_cast<std::size_t>(height);
        } else {
            task.doubts[found.doubts++] = edge;
            left_out += static_cast<std::size_t>(height);
        }
    }
    return found;
}

double PolygonScan::exact_crossing(const PolygonEdge& edge, std::int32_t row) const noexcept {
    const double* i = vertices_ + 2 * std::size_t{edge.to};
    const double* j = vertices_ + 2 * std::size_t{edge.from};
    const double rise = j[1] - i[1];
    const double d = std::fabs(rise) < least_rise ? least_rise : rise;
    return (j[0] - i[0]) * (row_centres_[static_cast<std::size_t>(row)] - i[1]) / d + i[0];
}

void PolygonScan::scan_part() {
    top_ = cells_.y.centres_below(extent_.low().second());
    bottom_ = cells_.y.centres_below(extent_.high().second());
    std::uint32_t* const counts = row_counts_.data();
    std::int32_t* const crossings = row_crossings_.data();
    mark_crossings([counts, crossings, top = top_](std::int32_t row, std::int32_t column) {
        const auto r = static_cast<std::size_t>(row - top);
        const std::uint32_t count = counts[r]++;
        crossings[r * row_limit + count % row_limit] = column;
    });
    if (take_rows()) return;
    mark_crossings([this](std::int32_t row, std::int32_t column) { crossings_.toggle(row, column); });
    crossings_.drain_crossings([this](const Run& run) { take_run(run); });
}

// Opens and closes runs between a row's crossings in order, and forgets the rows. A closed ring crosses a row
// an even number of times. False, and no runs, where a row has more than its limit.
bool PolygonScan::take_rows() {
    const std::size_t before = run_count_;
    Run* run = room_for_runs(static_cast<std::size_t>(std::max(0, bottom_ - top_)) * (row_limit / 2));
    std::uint32_t most = 0;
    std::uint32_t* count = row_counts_.data();
    std::int32_t* at = row_crossings_.data();
    const std::int32_t bottom = bottom_;
    for (std::int32_t r = top_; r < bottom; ++r, ++count, at += row_limit) {
        const std::uint32_t crossings = *count;
        *count = 0;
        if (crossings == 2) {
            *run = {r, smaller(at[0], at[1]), greater(at[0], at[1])};
            run += static_cast<std::ptrdiff_t>(run->first != run->last);
        } else if (crossings == 4) {
            run = take_four(r, at, run);
        } else if (crossings != 0) {
            most = std::max(most, crossings);
            run = take_row(r, at, std::min(crossings, row_limit), run);
        }
    }
    run_count_ = most <= row_limit ? static_cast<std::size_t>(run - runs_.data()) : before;
    return most <= row_limit;
}

// A row of four crossings, sorted without a branch; the middle two may be at one place, and cancel.
Run* PolygonScan::take_four(std::int32_t r, std::int32_t* at, Run* run) noexcept {
    const auto order = [at](int i, int j) {
        const std::int32_t a = at[i];
        const std::int32_t b = at[j];
        at[i] = a < b ? a : b;
        at[j] = a < b ? b : a;
    };
    order(0, 1);
    order(2, 3);
    order(0, 2);
    order(1, 3);
    order(1, 2);
    const bool is_one = at[1] == at[2];
    *run = {r, at[0], is_one ? at[3] : at[1]};
    run += run->first != run->last;
    *run = {r, at[2], at[3]};
    run += static_cast<std::ptrdiff_t>(!is_one & (at[2] != at[3]));
    return run;
}

// A row of several crossings: those at one place cancel, so that runs that touch become one.
Run* PolygonScan::take_row(std::int32_t r, const std::int32_t* at, std::uint32_t crossings,
                           Run* run) noexcept {
    std::int32_t sorted[row_limit];
    std::uint32_t count = 0;
    for (std::uint32_t k = 0; k < crossings; ++k) {
        const std::int32_t column = at[k];
        std::uint32_t place = count;
        while (place > 0 && sorted[place - 1] > column) --place;
        if (place > 0 && sorted[place - 1] == column) {
            for (--count; place <= count; ++place) sorted[place - 1] = sorted[place];
        } else {
            for (std::uint32_t m = count++; m > place; --m) sorted[m] = sorted[m - 1];
            sorted[place] = column;
        }
    }
    for (std::uint32_t k = 0; k < count; k += 2) *run++ = {r, sorted[k], sorted[k + 1]};
    return run;
}

// Room for as many more runs; `run_count_` says how many of them there are in the end.
Run* PolygonScan::room_for_runs(std::size_t more) {
    if (runs_.size() < run_count_ + more) runs_.resize(run_count_ + more);
    return runs_.data() + run_count_;
}

void PolygonScan::take_run(const Run& run) {
    *room_for_runs(1) = run;
    ++run_count_;
}

}  // namespace heatgrid
