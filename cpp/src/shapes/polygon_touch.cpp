#include "heatgrid/shapes/polygon_touch.hpp"

#include <algorithm>
#include <limits>

#include "heatgrid/shapes/crossings.hpp"
#include "heatgrid/simd/double2.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t edges_at_a_time = 1024;
constexpr std::size_t steps_per_piece = 20;

}  // namespace

PolygonTouch::PolygonTouch(Grid grid)
    : grid_(grid),
      reader_(grid),
      cuts_(edges_at_a_time + 1),
      places_(edges_at_a_time + 1),
      row_indices_(edges_at_a_time + static_cast<std::size_t>(grid.rows) + 8),
      column_indices_(row_indices_.size()),
      boundary_(grid),
      united_(grid) {}

Outcome PolygonTouch::scan(const Polygons& polygons, std::size_t annotation) {
    runs_.clear();
    reader_.open(polygons, annotation);
    const bool has_many_parts = reader_.has_many_parts();
    while (reader_.next_part()) {
        const Extent extent = load_part();
        if (!reader_.accept(extent)) continue;
        if (has_many_parts) {
            touch_part(extent, [this](std::int32_t row, std::int32_t first, std::int32_t last) {
                united_.insert({row, first, last});
            });
        } else {
            touch_part(extent, [this](std::int32_t row, std::int32_t first, std::int32_t last) {
                take_run(row, first, last);
            });
        }
    }
    if (has_many_parts)
        united_.consume_runs([this](const Run& run) { take_run(run.row, run.first, run.last); });
    const Outcome outcome = reader_.outcome();
    if (outcome != Outcome::counted) {
        runs_.clear();
        return outcome;
    }
    if (!runs_.empty()) return Outcome::counted;
    return Outcome::empty;
}

void PolygonTouch::take_run(std::int32_t row, std::int32_t first, std::int32_t last) {
    Run& run = runs_.add();
    run.row = row;
    run.first = first;
    run.last = last;
}

// Reads a part: its extent, and its vertices in cells.
Extent PolygonTouch::load_part() {
    const std::size_t size = 2 * reader_.vertex_count();
    if (coordinates_.size() < size) {
        coordinates_.resize(size);
        indices_.resize(size);
        vertices_ = {coordinates_.data(), indices_.data()};
    }
    Extent extent;
    reader_.for_each_ring([&](std::size_t first, std::size_t last) { load_ring(first, last, extent); });
    return extent;
}

void PolygonTouch::load_ring(std::size_t first, std::size_t last, Extent& extent) {
    const Double2 scale(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    const Double2 largest(std::numeric_limits<double>::max());
    const Double2 low(0.0, -0.5);
    const Double2 high = scale + Double2(0.0, 0.5);
    const double* const normalized = reader_.vertices();
    double* const coordinates = coordinates_.data();
    DoubledIndex* const indices = indices_.data();
    Extent own = extent;
    for (std::size_t i = first; i < last; ++i) {
        const Double2 vertex = Double2::load(normalized + 2 * i);
        own.include(vertex);
        const Double2 at = clamp(vertex * scale, Double2(0.0) - largest, largest);
        at.store(coordinates + 2 * i);
        find_doubled_indices(at, low, high, indices + 2 * i);
    }
    extent = own;
}

template <class Take>
void PolygonTouch::touch_part(const Extent& extent, Take&& take) {
    const Double2 scale(static_cast<double>(grid_.columns), static_cast<double>(grid_.rows));
    const Double2 low = extent.low() * scale;
    const Double2 high = extent.high() * scale;
    const Double2 reach = max(high, Double2(0.0) - low);
    overlaps_.open(vertices_, std::max(reach.first(), reach.second()));
    reader_.for_each_ring([this](std::size_t first, std::size_t last) { overlaps_.add_ring(first, last); });
    if (overlaps_.may_overlap()) {
        for (const Edge edge : overlaps_.boundary()) {
            const std::uint32_t path[] = {edge.from, edge.to};
            follow(path, 2);
        }
    } else {
        reader_.for_each_ring([this](std::size_t first, std::size_t last) {
            const std::size_t count = close_path(first, last);
            follow(path_.data(), count);
        });
    }
    DoubledIndex first[2];
    DoubledIndex last[2];
    find_doubled_indices(low, Double2(0.0), scale, first);
    find_doubled_indices(high, Double2(0.0), scale, last);
    boundary_.consume(
        {line_before(first[0]), line_after(last[0]), line_before(first[1]), line_after(last[1])}, take);
}

// The vertices of a closed ring; consecutive equal vertices appear once.
std::size_t PolygonTouch::close_path(std::size_t first, std::size_t last) {
    if (path_.size() < last - first + 1) path_.resize(last - first + 1);
    std::uint32_t* const path = path_.data();
    std::size_t count = 0;
    path[0] = static_cast<std::uint32_t>(last - 1);
    for (std::size_t i = first; i < last; ++i) {
        const Position a = vertices_.at(path[count]);
        const Position b = vertices_.at(i);
        count += static_cast<std::size_t>((a.x != b.x) | (a.y != b.y));
        path[count] = static_cast<std::uint32_t>(i);
    }
    return count + 1;
}

// Adds a path to the boundary, in blocks of edges.
void PolygonTouch::follow(const std::uint32_t* path, std::size_t count) {
    for (std::size_t from = 0; from + 1 < count;) {
        from += cut_path(path + from, count - from);
        check_(steps_per_piece * path_length_);
        boundary_.add(row_indices_.data(), column_indices_.data(), path_length_);
    }
}

// Splits as many edges as there is room for, and returns their number. First all positions, then all
// crossings, then the vertices between: short loops of unpredictable length delay the next edge.
std::size_t PolygonTouch::cut_path(const std::uint32_t* path, std::size_t count) noexcept {
    const std::size_t last = std::min(count, edges_at_a_time + 1);
    std::size_t cuts = 0;
    std::size_t length = 1;
    std::size_t k = 1;
    places_[0] = 0;
    for (; k < last && length < edges_at_a_time; ++k) {
        const DoubledIndex from = vertices_.row(path[k - 1]);
        const DoubledIndex to = vertices_.row(path[k]);
        const auto is_up = static_cast<std::int32_t>(to < from);
        const std::int32_t step = 1 - 2 * is_up;
        const std::int32_t first_line = ((from + is_up) >> 1) + step;
        // Two ends on the same line have -1 lines between them.
        const std::int32_t between = line_after(greater(from, to)) - line_before(smaller(from, to)) - 1;
        const std::int32_t crossings = between + static_cast<std::int32_t>(between < 0);
        Cut& cut = cuts_[cuts];
        cut.from = path[k - 1];
        cut.to = path[k];
        cut.first_line = first_line;
        cut.step = step;
        cut.count = crossings;
        cut.place = static_cast<std::uint32_t>(length);
        cuts += static_cast<std::size_t>(crossings > 0);
        length += static_cast<std::size_t>(crossings);
        places_[k] = static_cast<std::uint32_t>(length++);
    }
    for (std::size_t c = 0; c < cuts; ++c) cross_lines(cuts_[c]);
    for (std::size_t i = 0; i < k; ++i) {
        row_indices_[places_[i]] = vertices_.row(path[i]);
        column_indices_[places_[i]] = vertices_.column(path[i]);
    }
    path_length_ = length;
    return k - 1;
}

// Estimates four indices at a time, which is enough for most edges; then decides all of them exactly if one
// is ambiguous.
void PolygonTouch::cross_lines(const Cut& cut) noexcept {
    DoubledIndex* const rows = row_indices_.data() + cut.place;
    DoubledIndex* const columns = column_indices_.data() + cut.place;
    const Position a = vertices_.at(cut.from);
    const Position b = vertices_.at(cut.to);
    const Crossings crossings(a, b);
    const double first = cut.first_line;
    const double step = cut.step;
    const Double2 one(1.0);
    const Double2 half(0.5);
    const Double2 zero(0.0);
    const Double2 right(static_cast<double>(grid_.columns));
    const auto estimate = [&](Double2 line, std::int32_t i) {
        std::int32_t unused[2];
        const Double2 x = (line - Double2(a.y)) * Double2(crossings.slope()) + Double2(a.x);
        const Double2 from_left = clamp(x + one, half, right + one + half);
        const Double2 whole = from_left.truncate(unused);
        const Double2 part = from_left - whole - half;
        (line + line).truncate(rows + i);
        clamp(whole + whole - one, zero, right + right).truncate(columns + i);
        return max(part, zero - part);
    };
    Double2 from_half(0.0);
    Double2 line(first, first + step);
    for (std::int32_t i = 0; i < cut.count; i += 4) {
        const Double2 upper = estimate(line, i);
        line = line + Double2(2.0 * step);
        const Double2 lower = estimate(line, i + 2);
        line = line + Double2(2.0 * step);
        from_half = max(max(upper, lower), from_half);
    }
    if ((from_half < Double2(0.5 - crossings.error())).all()) return;
    for (std::int32_t i = 0; i < cut.count; ++i) {
        const DoubledIndex index = crossings.index(cut.first_line + i * cut.step, grid_.columns);
        columns[i] = std::clamp(index, 0, index_of_line(grid_.columns));
    }
}

}  // namespace heatgrid
