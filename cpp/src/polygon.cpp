#include "heatgrid/polygon.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/pair.hpp"

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
      rows_(static_cast<std::size_t>(grid.rows), Row{}),
      crossings_(grid),
      united_(grid) {
    for (std::int32_t row = 0; row < grid.rows + 4; ++row) {
        row_centres_[static_cast<std::size_t>(row)] = cells_.y.centre(row);
    }
    // One edge may overshoot by all rows, and its rows are written four by four.
    found_.rows.resize(crossings_at_a_time + static_cast<std::size_t>(grid.rows) + 4);
    found_.columns.resize(found_.rows.size());
    doubts_.resize(crossings_at_a_time + 1);
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
        edges_.resize(reader_.vertex_count());
    }
    extent_ = Extent();
    edge_count_ = 0;
    reader_.for_each_ring([this](std::size_t first, std::size_t last) {
        load_ring(first, last);
        find_crossing_edges(first, last);
    });
    return extent_;
}

// One pass over a ring's vertices: extent and rows above.
void PolygonScan::load_ring(std::size_t first, std::size_t last) {
    const Axis axis = cells_.y;
    const Pair zero(0.0);
    const Pair one(1.0);
    const Pair half(0.5);
    const Pair scale(axis.scale());
    Extent extent = extent_;
    Pair from_half = zero;
    const auto find_rows = [&](Pair ys, std::int32_t* rows) {
        const Pair guess = clamp(ys, zero, one) * scale + half;
        from_half = max(abs(guess - guess.truncate(rows) - half), from_half);
    };
    std::size_t i = first;
    for (; i + 1 < last; i += 2) {
        const Pair a = Pair::load(vertices_ + 2 * i);
        const Pair b = Pair::load(vertices_ + 2 * i + 2);
        extent.include(a);
        extent.include(b);
        find_rows(Pair::seconds(a, b), &rows_above_[i]);
    }
    if (i < last) {
        const Pair a = Pair::load(vertices_ + 2 * i);
        std::int32_t rows[2];
        extent.include(a);
        find_rows(Pair::seconds(a, a), rows);
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
    Edge* const edges = edges_.data();
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

PolygonScan::RowRange PolygonScan::rows_of(const Edge& edge) const noexcept {
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

// Finds the crossings of some edges, from one on, and returns the next. Guesses four of an edge at a time,
// which is all of them for most; the exact rule settles edges that come near a tie. A guess takes a division
// less than the exact expression; both are right to 2^-50 of the longest of run and x, which for edges about
// as large as the image is at most 4 * n * 2^-50 of a cell.
std::size_t PolygonScan::find_crossings(std::size_t first_edge, std::int32_t first_column,
                                        std::int32_t last_column) noexcept {
    const Axis axis = cells_.x;
    const Pair low(static_cast<double>(first_column) + 0.5);
    const Pair high(static_cast<double>(last_column) + 0.5);
    const Pair scale(axis.scale());
    const Pair half(0.5);
    const Pair zero(0.0);
    const bool is_small = (Pair(-1.0) < extent_.low()).all() && (extent_.high() < Pair(2.0)).all();
    const Pair sure(is_small ? 0.5 - 8.0 * axis.tie_margin() : 0.0);
    const auto guess = [&](Pair y, Pair slope, Pair xi, Pair yi, std::int32_t* columns) {
        const Pair in_cells = clamp((slope * (y - yi) + xi) * scale + half, low, high);
        return abs(in_cells - in_cells.truncate(columns) - half);
    };
    std::size_t count = 0;
    std::size_t doubts = 0;
    std::size_t k = first_edge;
    for (; k < edge_count_ && count < crossings_at_a_time; ++k) {
        const Edge edge = edges_[k];
        const double* i = vertices_ + 2 * std::size_t{edge.to};
        const double* j = vertices_ + 2 * std::size_t{edge.from};
        const double run = j[0] - i[0];
        const double rise = j[1] - i[1];
        const Pair slope(run / rise);
        const Pair xi(i[0]);
        const Pair yi(i[1]);
        const auto [top, bottom] = rows_of(edge);
        const double* const centres = row_centres_.data() + top;
        std::int32_t* const columns = found_.columns.data() + count;
        std::int32_t* const rows = found_.rows.data() + count;
        const std::int32_t last = bottom - top;
        Pair from_half = zero;
        for (std::int32_t r = 0; r < last; r += 4) {
            const Pair a = guess(Pair::load(centres + r), slope, xi, yi, columns + r);
            const Pair b = guess(Pair::load(centres + r + 2), slope, xi, yi, columns + r + 2);
            from_half = max(max(a, b), from_half);
            for (std::int32_t n = 0; n < 4; ++n) rows[r + n] = top + r + n;
        }
        doubts_[doubts] = {k, count};
        doubts += static_cast<std::size_t>(!((from_half < sure).all() & (std::fabs(rise) >= least_rise)));
        count += static_cast<std::size_t>(last);
    }
    found_.count = count;
    for (std::size_t d = 0; d < doubts; ++d) {
        const Edge& edge = edges_[doubts_[d].edge];
        std::int32_t* column = found_.columns.data() + doubts_[d].first;
        const auto [top, bottom] = rows_of(edge);
        for (std::int32_t row = top; row < bottom; ++row) {
            *column++ = std::clamp(axis.centres_below(exact_crossing(edge, row)), first_column, last_column);
        }
    }
    return k;
}

double PolygonScan::exact_crossing(const Edge& edge, std::int32_t row) const noexcept {
    const double* i = vertices_ + 2 * std::size_t{edge.to};
    const double* j = vertices_ + 2 * std::size_t{edge.from};
    const double rise = j[1] - i[1];
    const double d = std::fabs(rise) < least_rise ? least_rise : rise;
    return (j[0] - i[0]) * (row_centres_[static_cast<std::size_t>(row)] - i[1]) / d + i[0];
}

void PolygonScan::scan_part() {
    top_ = cells_.y.centres_below(extent_.low().second());
    bottom_ = cells_.y.centres_below(extent_.high().second());
    Row* const rows = rows_.data();
    const std::int32_t top = top_;
    mark_crossings([rows, top](std::int32_t r, std::int32_t column) {
        Row& row = rows[r - top];
        row.at[row.crossings < row_limit ? row.crossings : row_limit] = column;
        ++row.crossings;
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
    for (std::int32_t r = top_; r < bottom_; ++r) {
        Row& row = rows_[static_cast<std::size_t>(r - top_)];
        if (row.crossings == 2) {
            const std::int32_t a = row.at[0];
            const std::int32_t b = row.at[1];
            *run = {r, a < b ? a : b, a < b ? b : a};
            run += a != b;
        } else if (row.crossings == 4) {
            run = take_four(r, row.at, run);
        } else if (row.crossings != 0) {
            most = std::max(most, row.crossings);
            run = take_row(r, run);
        }
        row.crossings = 0;
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
Run* PolygonScan::take_row(std::int32_t r, Run* run) noexcept {
    const Row& row = rows_[static_cast<std::size_t>(r - top_)];
    std::int32_t sorted[row_limit];
    const std::uint32_t crossings = std::min(row.crossings, row_limit);
    std::uint32_t count = 0;
    for (std::uint32_t k = 0; k < crossings; ++k) {
        const std::int32_t column = row.at[k];
        std::uint32_t at = count;
        while (at > 0 && sorted[at - 1] > column) --at;
        if (at > 0 && sorted[at - 1] == column) {
            for (--count; at <= count; ++at) sorted[at - 1] = sorted[at];
        } else {
            for (std::uint32_t m = count++; m > at; --m) sorted[m] = sorted[m - 1];
            sorted[at] = column;
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
