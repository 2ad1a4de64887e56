#include "heatgrid/polygon.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/pair.hpp"

namespace heatgrid {

PolygonScan::PolygonScan(Grid grid, Rule rule)
    : cells_(grid),
      rule_(rule),
      reader_(grid),
      row_centres_(static_cast<std::size_t>(grid.rows) + 1),
      rows_(static_cast<std::size_t>(grid.rows), Row{}),
      columns_(static_cast<std::size_t>(grid.rows) + 1),
      crossings_(grid),
      united_(grid) {
    for (std::int32_t row = 0; row <= grid.rows; ++row) {
        row_centres_[static_cast<std::size_t>(row)] = cells_.y.centre(row);
    }
}

Outcome PolygonScan::scan(const Polygons& polygons, std::size_t annotation) {
    runs_.clear();
    reader_.open(polygons, annotation);
    const bool has_many_parts = reader_.has_many_parts();
    while (reader_.next_part()) {
        if (!reader_.accept(load_part()) || rule_ == Rule::point) continue;
        scan_part();
        if (has_many_parts) {
            for (const Run& run : runs_) united_.insert(run);
            runs_.clear();
        }
    }
    if (has_many_parts) united_.drain_runs([this](const Run& run) { runs_.push_back(run); });
    const Outcome outcome = reader_.outcome();
    if (outcome != Outcome::counted) {
        runs_.clear();
        return outcome;
    }
    if (!runs_.empty()) return Outcome::counted;
    const std::optional<Run> mean = reader_.mean_cell();
    if (!mean) return Outcome::outside;
    runs_.push_back(*mean);
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
        const Pair part = guess - guess.truncate(rows) - half;
        from_half = max(max(part, zero - part), from_half);
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
    Edge* edges = edges_.data();
    std::size_t found = edge_count_;
    std::size_t from = last - 1;
    for (std::size_t to = first; to < last; from = to++) {
        const std::int32_t a = rows_above_[from];
        const std::int32_t b = rows_above_[to];
        edges[found] = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), std::min(a, b),
                        std::max(a, b)};
        found += static_cast<std::size_t>(a != b);
    }
    edge_count_ = found;
}

// Calls mark(row, n) for each crossing, n the number of column centres left of it, cut to the columns that
// the part's extent overlaps. Guesses two at a time; where one is near a tie, the exact rule for the edge's
// crossings.
template <class Mark>
void PolygonScan::mark_crossings(Mark&& mark) {
    const Axis axis = cells_.x;
    const std::int32_t first_column = axis.first_touched(clamp_to_unit(extent_.low().first()));
    const std::int32_t last_column = axis.last_touched(clamp_to_unit(extent_.high().first()));
    const Pair low(static_cast<double>(first_column) + 0.5);
    const Pair high(static_cast<double>(last_column) + 0.5);
    const Pair scale(axis.scale());
    const Pair half(0.5);
    const Pair zero(0.0);
    const Pair far_from_tie(0.5 - axis.tie_margin());
    std::int32_t* const columns = columns_.data();
    for (std::size_t k = 0; k < edge_count_; ++k) {
        const Edge edge = edges_[k];
        const double* i = vertices_ + 2 * std::size_t{edge.to};
        const double* j = vertices_ + 2 * std::size_t{edge.from};
        const double rise = j[1] - i[1];
        const Pair run(j[0] - i[0]);
        const Pair d(std::fabs(rise) < 1e-12 ? 1e-12 : rise);
        const Pair xi(i[0]);
        const Pair yi(i[1]);
        const double* y = row_centres_.data() + edge.top;
        const std::int32_t count = edge.bottom - edge.top;
        Pair from_half = zero;
        for (std::int32_t r = 0; r < count; r += 2) {
            const Pair x = run * (Pair::load(y + r) - yi) / d + xi;
            const Pair guess = clamp(x * scale + half, low, high);
            const Pair part = guess - guess.truncate(columns + r) - half;
            from_half = max(max(part, zero - part), from_half);
        }
        if (!(from_half < far_from_tie).all()) {
            for (std::int32_t r = 0; r < count; ++r) {
                const double x =
                    (j[0] - i[0]) * (y[r] - i[1]) / (std::fabs(rise) < 1e-12 ? 1e-12 : rise) + i[0];
                columns[r] = std::clamp(axis.centres_below(x), first_column, last_column);
            }
        }
        for (std::int32_t r = 0; r < count; ++r) mark(edge.top + r, columns[r]);
    }
}

void PolygonScan::scan_part() {
    std::uint32_t most = 0;
    top_ = cells_.y.cells();
    bottom_ = 0;
    for (std::size_t k = 0; k < edge_count_; ++k) {
        top_ = std::min(top_, edges_[k].top);
        bottom_ = std::max(bottom_, edges_[k].bottom);
    }
    Row* const rows = rows_.data();
    mark_crossings([rows, &most](std::int32_t r, std::int32_t column) {
        Row& row = rows[r];
        row.at[row.crossings % row_limit] = column;
        most = std::max(most, ++row.crossings);
    });
    if (most <= row_limit) {
        take_rows();
        return;
    }
    for (std::int32_t r = top_; r < bottom_; ++r) rows[r].crossings = 0;
    mark_crossings([this](std::int32_t row, std::int32_t column) { crossings_.toggle(row, column); });
    crossings_.drain_crossings([this](const Run& run) { runs_.push_back(run); });
}

// Opens and closes runs between a row's crossings in order. A closed ring crosses a row an even number of
// times.
void PolygonScan::take_rows() {
    const std::size_t before = runs_.size();
    runs_.resize(before + 2 * static_cast<std::size_t>(std::max(0, bottom_ - top_)));
    Run* run = runs_.data() + before;
    for (std::int32_t r = top_; r < bottom_; ++r) {
        Row& row = rows_[static_cast<std::size_t>(r)];
        if (row.crossings == 2) {
            *run = {r, std::min(row.at[0], row.at[1]), std::max(row.at[0], row.at[1])};
            run += run->first < run->last;
        } else if (row.crossings == 4) {
            std::sort(row.at, row.at + 4);
            const bool is_one = row.at[1] == row.at[2];
            *run = {r, row.at[0], is_one ? row.at[3] : row.at[1]};
            run += run->first < run->last;
            *run = {r, row.at[2], row.at[3]};
            run += !is_one && run->first < run->last;
        }
        row.crossings = 0;
    }
    runs_.resize(static_cast<std::size_t>(run - runs_.data()));
}

}  // namespace heatgrid
