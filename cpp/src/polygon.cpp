#include "heatgrid/polygon.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heatgrid/pair.hpp"

namespace heatgrid {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t fewest_vertices = 3;

}  // namespace

bool PolygonScan::Extent::is_empty_in_image() const noexcept {
    return clamp_to_unit(right) <= clamp_to_unit(left) || clamp_to_unit(bottom) <= clamp_to_unit(top);
}

PolygonScan::PolygonScan(Grid grid, Rule rule)
    : cells_(grid),
      rule_(rule),
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
    is_finite_ = polygons.sizes.normalised() ||
                 is_size(polygons.sizes.width(annotation), polygons.sizes.height(annotation));
    bool has_extent = false;
    bool is_in_image = false;
    const std::size_t first = polygons.first_part(annotation);
    const std::size_t last = polygons.first_part(annotation + 1);
    const bool has_parts = last - first > 1;
    for (std::size_t part = first; part < last && is_finite_; ++part) {
        if (!load_part(polygons, part, annotation)) continue;
        has_extent |= !extent_.is_empty();
        if (extent_.is_empty_in_image()) continue;
        is_in_image = true;
        if (rule_ == Rule::point) continue;
        scan_part();
        if (has_parts) {
            for (const Run& run : runs_) united_.insert(run);
            runs_.clear();
        }
    }
    if (has_parts) united_.drain_runs([this](const Run& run) { runs_.push_back(run); });
    if (!is_finite_) {
        runs_.clear();
        return Outcome::invalid;
    }
    if (!is_in_image) return has_extent ? Outcome::outside : Outcome::empty;
    return runs_.empty() ? hit_mean(polygons, annotation) : Outcome::counted;
}

// The cell of the mean of all outer rings' vertices, summed in their order.
Outcome PolygonScan::hit_mean(const Polygons& polygons, std::size_t annotation) {
    Pair sum(0.0);
    double vertices = 0.0;
    for (std::size_t p = polygons.first_part(annotation); p < polygons.first_part(annotation + 1); ++p) {
        for (std::size_t ring = polygons.first_ring(p); ring < polygons.first_ring(p + 1); ++ring) {
            const std::size_t first = polygons.first_vertex(ring);
            const std::size_t last = polygons.first_vertex(ring + 1);
            if (last - first < fewest_vertices) continue;
            const double* vertex = normalise(polygons, first, last, annotation);
            for (std::size_t i = 0; i < last - first; ++i) sum = sum + Pair::load(vertex + 2 * i);
            vertices += static_cast<double>(last - first);
            break;
        }
    }
    double mean[2];
    (sum / Pair(vertices)).store(mean);
    if (!hits_grid(mean[0], mean[1])) return Outcome::outside;
    const std::int32_t column = cells_.x.cell_of(mean[0]);
    runs_.push_back({cells_.y.cell_of(mean[1]), column, column + 1});
    return rule_ == Rule::point ? Outcome::counted : Outcome::fallback;
}

// Vertices first .. last - 1, normalised.
const double* PolygonScan::normalise(const Polygons& polygons, std::size_t first, std::size_t last,
                                     std::size_t annotation) {
    const double* raw = polygons.coordinates + 2 * first;
    if (polygons.sizes.normalised()) return raw;
    const std::size_t count = last - first;
    if (normalised_.size() < 2 * count) normalised_.resize(2 * count);
    const Pair size(polygons.sizes.width(annotation), polygons.sizes.height(annotation));
    for (std::size_t i = 0; i < count; ++i) {
        (Pair::load(raw + 2 * i) / size).store(normalised_.data() + 2 * i);
    }
    return normalised_.data();
}

// Finds a part's extent and the edges that cross rows; whether it has a ring at all. Rings of fewer than
// three vertices are as if absent.
bool PolygonScan::load_part(const Polygons& polygons, std::size_t part, std::size_t annotation) {
    const std::size_t first_ring = polygons.first_ring(part);
    const std::size_t last_ring = polygons.first_ring(part + 1);
    if (first_ring == last_ring) return false;
    const std::size_t origin = polygons.first_vertex(first_ring);
    const std::size_t count = polygons.first_vertex(last_ring) - origin;
    vertices_ = normalise(polygons, origin, origin + count, annotation);
    if (rows_above_.size() < count) {
        rows_above_.resize(count);
        edges_.resize(count);
    }
    extent_ = {infinity, infinity, -infinity, -infinity};
    edge_count_ = 0;
    bool has_ring = false;
    for (std::size_t ring = first_ring; ring < last_ring; ++ring) {
        const std::size_t first = polygons.first_vertex(ring) - origin;
        const std::size_t last = polygons.first_vertex(ring + 1) - origin;
        if (last - first < fewest_vertices) continue;
        has_ring = true;
        load_ring(first, last);
        find_crossing_edges(first, last);
    }
    return has_ring;
}

// One pass over a ring's vertices: extent, finiteness, rows above.
void PolygonScan::load_ring(std::size_t first, std::size_t last) {
    const Axis axis = cells_.y;
    const Pair zero(0.0);
    const Pair one(1.0);
    const Pair half(0.5);
    const Pair scale(axis.scale());
    Pair low = Pair::load(&extent_.left);
    Pair high = Pair::load(&extent_.right);
    Pair defect = zero;  // becomes NaN with the first coordinate that is not finite
    Pair from_half = zero;
    const auto measure = [&](Pair vertex) {
        low = min(vertex, low);
        high = max(vertex, high);
        defect = defect + (vertex - vertex);
    };
    const auto find_rows = [&](Pair ys, std::int32_t* rows) {
        const Pair guess = clamp(ys, zero, one) * scale + half;
        const Pair part = guess - guess.truncate(rows) - half;
        from_half = max(max(part, zero - part), from_half);
    };
    std::size_t i = first;
    for (; i + 1 < last; i += 2) {
        const Pair a = Pair::load(vertices_ + 2 * i);
        const Pair b = Pair::load(vertices_ + 2 * i + 2);
        measure(a);
        measure(b);
        find_rows(Pair::seconds(a, b), &rows_above_[i]);
    }
    if (i < last) {
        const Pair a = Pair::load(vertices_ + 2 * i);
        std::int32_t rows[2];
        measure(a);
        find_rows(Pair::seconds(a, a), rows);
        rows_above_[i] = rows[0];
    }
    low.store(&extent_.left);
    high.store(&extent_.right);
    is_finite_ &= (defect == zero).all();
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
    const std::int32_t first_column = axis.first_touched(clamp_to_unit(extent_.left));
    const std::int32_t last_column = axis.last_touched(clamp_to_unit(extent_.right));
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
