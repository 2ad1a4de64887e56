#include "heatgrid/shapes/line.hpp"

#include <algorithm>
#include <limits>

#include "heatgrid/shapes/crossings.hpp"

namespace heatgrid {
namespace {

// So many rows are sooner looked at than it is found out which of them matter.
constexpr std::int32_t few_rows = 16;

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
        for (std::size_t i = first + 1; i < last; ++i) pass_through(vertices_[i - 1], vertices_[i]);
    }
    hit_.drain_runs([this](const Run& run) { runs_.push_back(run); });
    return runs_.empty() ? Outcome::outside : Outcome::counted;
}

// Finds all vertices in cells, their extent and their sum; whether the annotation is valid.
bool LineScan::load(const Lines& lines, std::size_t annotation) {
    vertices_.clear();
    extent_ = Extent();
    sum_ = Pair(0.0);
    Pair size(1.0);
    if (!lines.sizes.normalised()) {
        size = Pair(lines.sizes.width(annotation), lines.sizes.height(annotation));
        if (!is_size(size.first(), size.second())) return false;
    }
    const Pair scale(cells_.x.scale(), cells_.y.scale());
    const Pair largest(std::numeric_limits<double>::max());
    const std::size_t first = lines.first_vertex(lines.first_path(annotation));
    const std::size_t last = lines.first_vertex(lines.first_path(annotation + 1));
    for (std::size_t i = first; i < last; ++i) {
        const Pair vertex = Pair::load(lines.coordinates + 2 * i) / size;
        extent_.include(vertex);
        sum_ = sum_ + vertex;
        const Pair at = clamp(vertex * scale, Pair(0.0) - largest, largest);
        Slot slots[2];
        find_slots(at, Pair(-0.5), scale + Pair(0.5), slots);
        vertices_.push_back({{at.first(), at.second()}, slots[0], slots[1]});
    }
    return extent_.is_finite();
}

void LineScan::hit_mean() {
    const Pair mean = sum_ / Pair(static_cast<double>(vertices_.size()));
    const bool is_beside = (extent_.high() < Pair(0.0)).any() || (Pair(1.0) < extent_.low()).any();
    if (is_beside || !hits_grid(mean.first(), mean.second())) return;
    const std::int32_t column = cells_.x.cell_of(mean.first());
    runs_.push_back({cells_.y.cell_of(mean.second()), column, column + 1});
}

// Row by row, from where the segment comes in to where it goes out. A row has its upper line, and the last
// row its lower one, too; of others, the point on it is left out.
void LineScan::pass_through(const Vertex& a, const Vertex& b) {
    const Vertex& top = a.at.y <= b.at.y ? a : b;
    const Vertex& bottom = a.at.y <= b.at.y ? b : a;
    if (bottom.row < 0 || top.row > line_slot(grid_.rows)) return;
    if (greater(a.column, b.column) < 0 || smaller(a.column, b.column) > line_slot(grid_.columns)) return;
    const RowRange rows = rows_between(top, bottom);
    if (rows.first > rows.last) return;
    const Crossings crossings(top.at, bottom.at);
    Slot from = top.row >= line_slot(rows.first) ? top.column : crossings.slot(rows.first, grid_.columns);
    for (std::int32_t row = rows.first; row <= rows.last; ++row) {
        const Slot lower_line = line_slot(row + 1);
        const Slot to = bottom.row <= lower_line ? bottom.column : crossings.slot(row + 1, grid_.columns);
        const bool is_left_out = bottom.row >= lower_line && row + 1 < grid_.rows && is_on_line(to);
        const std::int32_t back = static_cast<std::int32_t>(from > to) - static_cast<std::int32_t>(from < to);
        hit_row(row, from, is_left_out ? to + back : to);
        from = to;
    }
}

// The grid's rows between two vertices, without most of those in which the segment is beside the grid.
LineScan::RowRange LineScan::rows_between(const Vertex& top, const Vertex& bottom) const noexcept {
    RowRange rows{std::clamp(line_before(top.row), 0, grid_.rows - 1),
                  std::clamp(line_before(bottom.row), 0, grid_.rows - 1)};
    if (rows.last - rows.first <= few_rows) return rows;
    const auto is_beside = [this](Slot column) { return column < 0 || column > line_slot(grid_.columns); };
    if (is_beside(top.column)) rows.first = std::max(rows.first, row_at(top, bottom, top.column) - 1);
    if (is_beside(bottom.column)) rows.last = std::min(rows.last, row_at(top, bottom, bottom.column) + 1);
    return rows;
}

// About the row in which a segment enters the grid from a side, or leaves it there.
std::int32_t LineScan::row_at(const Vertex& top, const Vertex& bottom, Slot side) const noexcept {
    const double x = side < 0 ? 0.0 : static_cast<double>(grid_.columns);
    const double y = crossing({top.at.y, top.at.x}, {bottom.at.y, bottom.at.x}, x);
    return static_cast<std::int32_t>(std::clamp(y, 0.0, static_cast<double>(grid_.rows)));
}

void LineScan::hit_row(std::int32_t row, Slot from, Slot to) noexcept {
    const Slot first = std::max(smaller(from, to), 0);
    const Slot last = std::min(greater(from, to), line_slot(grid_.columns));
    if (first > last) return;
    const std::int32_t far_column = grid_.columns - 1;
    hit_.insert({row, std::min(line_before(first), far_column), std::min(line_before(last), far_column) + 1});
}

}  // namespace heatgrid
