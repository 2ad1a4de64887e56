#include "heatgrid/polygon.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heatgrid {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

PolygonScan::PolygonScan(Grid grid, Rule rule)
    : cells_(grid),
      rule_(rule),
      row_centres_(static_cast<std::size_t>(grid.rows)),
      rows_(static_cast<std::size_t>(grid.rows), Row{}),
      crossings_(grid),
      united_(grid) {
    for (std::int32_t row = 0; row < grid.rows; ++row) {
        row_centres_[static_cast<std::size_t>(row)] = cells_.y.centre(row);
    }
}

Outcome PolygonScan::scan(const Polygons& polygons, std::size_t annotation) {
    runs_.clear();
    mean_ = {0.0, 0.0, 0.0};
    is_finite_ = true;
    bool has_extent = false;
    bool is_in_image = false;
    const std::size_t first = polygons.first_part(annotation);
    const std::size_t last = polygons.first_part(annotation + 1);
    for (std::size_t part = first; part < last; ++part) {
        if (!load_part(polygons, part, annotation)) continue;
        has_extent |= extent_.left < extent_.right && extent_.top < extent_.bottom;
        if (clamp_to_unit(extent_.right) <= clamp_to_unit(extent_.left)) continue;
        if (clamp_to_unit(extent_.bottom) <= clamp_to_unit(extent_.top)) continue;
        is_in_image = true;
        if (rule_ == Rule::point) continue;
        scan_part();
        if (last - first > 1) {
            for (const Run& run : runs_) united_.insert(run);
            runs_.clear();
        }
    }
    if (last - first > 1) united_.drain_runs([this](const Run& run) { runs_.push_back(run); });
    if (!is_finite_) {
        runs_.clear();
        return Outcome::invalid;
    }
    if (!is_in_image) return has_extent ? Outcome::outside : Outcome::empty;
    if (runs_.empty()) return hit_mean();
    return Outcome::counted;
}

Outcome PolygonScan::hit_mean() {
    const double x = mean_.x / mean_.vertices;
    const double y = mean_.y / mean_.vertices;
    if (!hits_grid(x, y)) return Outcome::outside;
    const std::int32_t column = cells_.x.cell_of(x);
    runs_.push_back({cells_.y.cell_of(y), column, column + 1});
    return rule_ == Rule::point ? Outcome::counted : Outcome::fallback;
}

// Whether the part has a ring at all; rings of fewer than three vertices are as if absent.
bool PolygonScan::load_part(const Polygons& polygons, std::size_t part, std::size_t annotation) {
    x_.clear();
    y_.clear();
    ring_ends_.clear();
    extent_ = {infinity, -infinity, infinity, -infinity};
    double width = 1.0;
    double height = 1.0;
    if (!polygons.sizes.normalised()) {
        width = polygons.sizes.width(annotation);
        height = polygons.sizes.height(annotation);
        is_finite_ &= is_size(width, height);
    }
    for (std::size_t ring = polygons.first_ring(part); ring < polygons.first_ring(part + 1); ++ring) {
        const std::size_t begin = polygons.first_vertex(ring);
        const std::size_t count = polygons.first_vertex(ring + 1) - begin;
        if (count >= 3) load_ring(polygons.coordinates + 2 * begin, count, width, height);
    }
    return !ring_ends_.empty();
}

void PolygonScan::load_ring(const double* vertices, std::size_t count, double width, double height) {
    const std::size_t start = x_.size();
    x_.resize(start + count + 1);
    y_.resize(start + count + 1);
    double* x = x_.data() + start;
    double* y = y_.data() + start;
    double defect = 0.0;  // becomes NaN with the first coordinate that is not finite
    for (std::size_t i = 0; i < count; ++i) {
        x[i + 1] = vertices[2 * i] / width;
        y[i + 1] = vertices[2 * i + 1] / height;
        defect += (x[i + 1] - x[i + 1]) + (y[i + 1] - y[i + 1]);
    }
    x[0] = x[count];
    y[0] = y[count];
    is_finite_ &= defect == 0.0;
    for (std::size_t i = 1; i <= count; ++i) {
        extent_.left = std::min(extent_.left, x[i]);
        extent_.right = std::max(extent_.right, x[i]);
        extent_.top = std::min(extent_.top, y[i]);
        extent_.bottom = std::max(extent_.bottom, y[i]);
    }
    if (ring_ends_.empty()) {
        for (std::size_t i = 1; i <= count; ++i) {
            mean_.x += x[i];
            mean_.y += y[i];
        }
        mean_.vertices += static_cast<double>(count);
    }
    ring_ends_.push_back(x_.size());
}

// The number of row centres above each vertex: a guess for all, then the exact rule for those near a tie.
void PolygonScan::find_rows() noexcept {
    const std::size_t n = y_.size();
    const Axis axis = cells_.y;
    rows_above_.resize(n);
    std::int32_t doubts = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double guess = axis.shifted(clamp_to_unit(y_[i]));
        const auto whole = static_cast<std::int32_t>(guess);
        rows_above_[i] = whole;
        doubts |= static_cast<std::int32_t>(axis.is_near_tie(guess, whole));
    }
    if (doubts == 0) return;
    for (std::size_t i = 0; i < n; ++i) rows_above_[i] = axis.centres_below(y_[i]);
}

void PolygonScan::find_crossing_edges() noexcept {
    edges_.resize(x_.size());
    std::size_t found = 0;
    std::size_t start = 0;
    for (const std::size_t end : ring_ends_) {
        for (std::size_t i = start + 1; i < end; ++i) {
            edges_[found] = i;
            found += static_cast<std::size_t>(rows_above_[i] != rows_above_[i - 1]);
        }
        start = end;
    }
    edges_.resize(found);
}

// Calls mark(row, n) for each crossing, n the number of column centres left of it, cut to the columns that
// the part's extent overlaps.
template <class Mark>
void PolygonScan::mark_crossings(Mark&& mark) const noexcept {
    const std::int32_t first_column = cells_.x.first_touched(clamp_to_unit(extent_.left));
    const std::int32_t last_column = cells_.x.last_touched(clamp_to_unit(extent_.right));
    for (const std::size_t i : edges_) {
        const double xi = x_[i];
        const double yi = y_[i];
        const double run = x_[i - 1] - xi;
        const double rise = y_[i - 1] - yi;
        const double d = std::fabs(rise) < 1e-12 ? 1e-12 : rise;
        const std::int32_t top = std::min(rows_above_[i], rows_above_[i - 1]);
        const std::int32_t bottom = std::max(rows_above_[i], rows_above_[i - 1]);
        for (std::int32_t row = top; row < bottom; ++row) {
            const double x = run * (row_centres_[static_cast<std::size_t>(row)] - yi) / d + xi;
            mark(row, std::clamp(cells_.x.centres_below(x), first_column, last_column));
        }
    }
}

void PolygonScan::scan_part() {
    find_rows();
    find_crossing_edges();
    bool overflows = false;
    mark_crossings([&](std::int32_t r, std::int32_t column) {
        Row& row = rows_[static_cast<std::size_t>(r)];
        row.at[row.crossings & 3] = column;
        ++row.crossings;
        overflows |= row.crossings > 4;
    });
    if (!overflows) {
        take_rows();
        return;
    }
    for (const std::size_t i : edges_) {
        const auto [top, bottom] = std::minmax(rows_above_[i], rows_above_[i - 1]);
        for (std::int32_t row = top; row < bottom; ++row) rows_[static_cast<std::size_t>(row)].crossings = 0;
    }
    mark_crossings([&](std::int32_t row, std::int32_t column) { crossings_.toggle(row, column); });
    crossings_.drain_crossings([this](const Run& run) { runs_.push_back(run); });
}

// Opens and closes runs between a row's crossings in order. A closed ring crosses a row an even number of
// times.
void PolygonScan::take_rows() {
    const auto [top, bottom] = std::minmax_element(rows_above_.begin(), rows_above_.end());
    for (std::int32_t r = *top; r < *bottom; ++r) {
        Row& row = rows_[static_cast<std::size_t>(r)];
        if (row.crossings == 2) {
            const auto [first, last] = std::minmax(row.at[0], row.at[1]);
            if (first < last) runs_.push_back({r, first, last});
        } else if (row.crossings == 4) {
            std::sort(row.at, row.at + 4);
            if (row.at[1] == row.at[2]) {
                if (row.at[0] < row.at[3]) runs_.push_back({r, row.at[0], row.at[3]});
            } else {
                if (row.at[0] < row.at[1]) runs_.push_back({r, row.at[0], row.at[1]});
                if (row.at[2] < row.at[3]) runs_.push_back({r, row.at[2], row.at[3]});
            }
        }
        row.crossings = 0;
    }
}

}  // namespace heatgrid
