#include "heatgrid/shapes/line.hpp"

#include <algorithm>
#include <limits>

#include "heatgrid/shapes/crossings.hpp"

namespace heatgrid {
namespace {

// Fewer rows are processed without clipping.
constexpr std::int32_t few_rows = 16;

constexpr std::size_t steps_per_segment = 20;
constexpr std::size_t steps_per_row = 20;

}  // namespace

Outcome LineScan::scan(const Lines& lines, std::size_t annotation) {
    runs_.clear();
    if (!load(lines, annotation)) return Outcome::not_finite;
    if (vertices_.empty()) return Outcome::empty;
    if (rule_ == Rule::point) {
        hit_mean();
        return runs_.empty() ? Outcome::outside : Outcome::counted;
    }
    const std::size_t first_path = lines.first_path(annotation);
    const std::size_t last_path = lines.first_path(annotation + 1);
    const std::size_t origin = lines.first_vertex(first_path);
    for (std::size_t path = first_path; path < last_path; ++path) {
        const std::size_t first = lines.first_vertex(path) - origin;
        const std::size_t last = lines.first_vertex(path + 1) - origin;
        if (last - first == 1) pass_through(vertices_[first], vertices_[first]);
        for (std::size_t i = first + 1; i < last; ++i) {
            check_(steps_per_segment);
            pass_through(vertices_[i - 1], vertices_[i]);
        }
    }
    hit_.consume_runs([this](const Run& run) { runs_.push_back(run); });
    return runs_.empty() ? Outcome::outside : Outcome::counted;
}

// Reads all vertices in cells, their extent and their sum; whether the annotation is valid.
bool LineScan::load(const Lines& lines, std::size_t annotation) {
    vertices_.clear();
    extent_ = Extent();
    sum_ = Double2(0.0);
    Double2 size(1.0);
    if (!lines.sizes.normalized()) {
        size = Double2(lines.sizes.width(annotation), lines.sizes.height(annotation));
        if (!is_size(size.first(), size.second())) return false;
    }
    const Double2 scale(cells_.x.scale(), cells_.y.scale());
    const Double2 largest(std::numeric_limits<double>::max());
    const std::size_t first = lines.first_vertex(lines.first_path(annotation));
    const std::size_t last = lines.first_vertex(lines.first_path(annotation + 1));
    for (std::size_t i = first; i < last; ++i) {
        const Double2 vertex = Double2::load(lines.coordinates + 2 * i) / size;
        extent_.include(vertex);
        sum_ = sum_ + vertex;
        const Double2 at = clamp(vertex * scale, Double2(0.0) - largest, largest);
        DoubledIndex indices[2];
        find_doubled_indices(at, Double2(-0.5), scale + Double2(0.5), indices);
        vertices_.push_back({{at.first(), at.second()}, indices[0], indices[1]});
    }
    return extent_.is_finite();
}

void LineScan::hit_mean() {
    const Double2 mean = sum_ / Double2(static_cast<double>(vertices_.size()));
    const bool is_outside = (extent_.high() < Double2(0.0)).any() || (Double2(1.0) < extent_.low()).any();
    if (is_outside || !hits_grid(mean.first(), mean.second())) return;
    const std::int32_t column = cells_.x.cell_of(mean.first());
    runs_.push_back({cells_.y.cell_of(mean.second()), column, column + 1});
}

// Row by row, from entry to exit of the segment. A row includes its upper line, and the last row its lower
// one, too; other rows exclude the point on it.
void LineScan::pass_through(const Vertex& a, const Vertex& b) {
    const Vertex& top = a.at.y <= b.at.y ? a : b;
    const Vertex& bottom = a.at.y <= b.at.y ? b : a;
    if (bottom.row < 0 || top.row > index_of_line(grid_.rows)) return;
    if (greater(a.column, b.column) < 0 || smaller(a.column, b.column) > index_of_line(grid_.columns)) return;
    const RowRange rows = rows_between(top, bottom);
    if (rows.first > rows.last) return;
    check_(steps_per_row * static_cast<std::size_t>(rows.last - rows.first));
    const Crossings crossings(top.at, bottom.at);
    DoubledIndex from =
        top.row >= index_of_line(rows.first) ? top.column : crossings.index(rows.first, grid_.columns);
    for (std::int32_t row = rows.first; row <= rows.last; ++row) {
        const DoubledIndex lower_line = index_of_line(row + 1);
        const DoubledIndex to =
            bottom.row <= lower_line ? bottom.column : crossings.index(row + 1, grid_.columns);
        const bool is_left_out = bottom.row >= lower_line && row + 1 < grid_.rows && is_on_line(to);
        const std::int32_t back = static_cast<std::int32_t>(from > to) - static_cast<std::int32_t>(from < to);
        hit_row(row, from, is_left_out ? to + back : to);
        from = to;
    }
}

// The grid's rows between two vertices, without most of those in which the segment is outside the grid.
LineScan::RowRange LineScan::rows_between(const Vertex& top, const Vertex& bottom) const noexcept {
    RowRange rows{std::clamp(line_before(top.row), 0, grid_.rows - 1),
                  std::clamp(line_before(bottom.row), 0, grid_.rows - 1)};
    if (rows.last - rows.first <= few_rows) return rows;
    const auto is_outside = [this](DoubledIndex column) {
        return column < 0 || column > index_of_line(grid_.columns);
    };
    if (is_outside(top.column)) rows.first = std::max(rows.first, row_at(top, bottom, top.column) - 1);
    if (is_outside(bottom.column)) rows.last = std::min(rows.last, row_at(top, bottom, bottom.column) + 1);
    return rows;
}

// Approximate row in which a segment enters or leaves the grid at a side.
std::int32_t LineScan::row_at(const Vertex& top, const Vertex& bottom, DoubledIndex side) const noexcept {
    const double x = side < 0 ? 0.0 : static_cast<double>(grid_.columns);
    const double y = crossing({top.at.y, top.at.x}, {bottom.at.y, bottom.at.x}, x);
    return static_cast<std::int32_t>(std::clamp(y, 0.0, static_cast<double>(grid_.rows)));
}

void LineScan::hit_row(std::int32_t row, DoubledIndex from, DoubledIndex to) noexcept {
    const DoubledIndex first = std::max(smaller(from, to), 0);
    const DoubledIndex last = std::min(greater(from, to), index_of_line(grid_.columns));
    if (first > last) return;
    const std::int32_t far_column = grid_.columns - 1;
    hit_.insert({row, std::min(line_before(first), far_column), std::min(line_before(last), far_column) + 1});
}

}  // namespace heatgrid
