#include "heatgrid/shapes/area/boundary_chains.hpp"

#include <algorithm>
#include <cmath>

namespace heatgrid {
namespace {

// The y at which an edge meets the line at x.
double y_at(const Position& a, const Position& b, double x) noexcept {
    return a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x));
}

// The x at which an edge meets the line at y.
double x_at(const Position& a, const Position& b, double y) noexcept {
    return a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y));
}

}  // namespace

void BoundaryChains::open(std::int32_t rows, std::int32_t columns, bool is_cut) noexcept {
    rows_ = rows;
    columns_ = columns;
    is_cut_ = is_cut;
    row_ = -1;
    first_row_ = rows;
    last_row_ = 0;
    vertex_count_ = 0;
    end_count_ = 0;
    chains_.clear();
    active_.clear();
}

void BoundaryChains::add_ring(const Position* vertices, std::size_t count, std::uint32_t part) {
    // Start at a vertex after which the ring leads down.
    std::size_t start = count;
    for (std::size_t i = 0; i < count; ++i) {
        const double y = vertices[i].y;
        const double next = vertices[i + 1 < count ? i + 1 : 0].y;
        if (y < next && (start == count || y < vertices[start].y)) start = i;
    }
    if (start == count) return;
    if (vertices_.size() < vertex_count_ + 2 * count) vertices_.resize(2 * vertex_count_ + 2 * count);
    const std::uint32_t first_end = end_count_++;
    std::size_t begin = vertex_count_;
    std::size_t end = begin;
    Position* const chain = vertices_.data();
    chain[end++] = vertices[start];
    bool is_down = true;
    std::size_t i = start;
    do {
        i = i + 1 < count ? i + 1 : 0;
        const Position& vertex = vertices[i];
        const Position before = chain[end - 1];
        if (is_down ? vertex.y < before.y : before.y < vertex.y) {
            add_chain(begin, end, is_down, end_count_ - 1, end_count_, part);
            ++end_count_;
            is_down = !is_down;
            begin = vertex_count_;
            end = begin;
            chain[end++] = before;
        }
        chain[end++] = vertex;
    } while (i != start);
    add_chain(begin, end, is_down, end_count_ - 1, first_end, part);
}

// Keeps a chain if it overlaps the rows, and finds its entry into them.
void BoundaryChains::add_chain(std::size_t begin, std::size_t end, bool is_down, std::uint32_t from,
                               std::uint32_t to, std::uint32_t part) {
    Position* const vertices = vertices_.data();
    if (!is_down) std::reverse(vertices + begin, vertices + end);
    const double top = vertices[begin].y;
    const double bottom = vertices[end - 1].y;
    if (!(bottom > 0.0 && top < rows_)) return;
    vertex_count_ = end;
    Position at = vertices[begin];
    std::size_t next = begin + 1;
    if (top < 0.0) {
        while (vertices[next].y <= 0.0) ++next;
        at = {x_at(vertices[next - 1], vertices[next], 0.0), 0.0};
    }
    const auto row = static_cast<std::int32_t>(at.y);
    first_row_ = std::min(first_row_, row);
    last_row_ = std::max(last_row_, static_cast<std::int32_t>(std::ceil(std::min<double>(bottom, rows_))));
    std::uint32_t& first = first_of_row_[static_cast<std::size_t>(row)];
    Chain& chain = chains_.add();
    chain.at = at;
    chain.bottom = bottom;
    chain.next = static_cast<std::uint32_t>(next);
    chain.end = static_cast<std::uint32_t>(end);
    chain.part = part;
    chain.upper_end = is_down ? from : to;
    chain.lower_end = is_down ? to : from;
    chain.sibling = first;
    first = static_cast<std::uint32_t>(chains_.size() - 1);
}

bool BoundaryChains::next_row() {
    row_ = row_ < 0 ? first_row_ : row_ + 1;
    if (row_ >= last_row_) return false;
    std::uint32_t& first = first_of_row_[static_cast<std::size_t>(row_)];
    for (; first != none; first = chains_[first].sibling) active_.push_back(first);
    // Clipping may split an edge into three.
    const std::size_t max_points = 3 * (vertex_count_ + 2 * active_.size());
    if (points_.size() < max_points) points_.resize(2 * max_points);
    segments_.clear();
    point_count_ = 0;
    std::size_t kept = 0;
    for (const std::uint32_t k : active_) {
        Chain& chain = chains_[k];
        if (is_cut_) {
            add_segment<true>(chain);
        } else {
            add_segment<false>(chain);
        }
        active_[kept] = k;
        kept += static_cast<std::size_t>(chain.bottom > row_ + 1);
    }
    active_.resize(kept);
    return true;
}

// Adds the part of a chain within the row: down to the row's lower line, or to its own end.
template <bool is_cut>
void BoundaryChains::add_segment(Chain& chain) {
    const double line = row_ + 1;
    const Position* const vertices = vertices_.data();
    Position* const begin = points_.data() + point_count_;
    Position* end = begin;
    Position at = chain.at;
    *end++ = is_cut ? Position{std::clamp(at.x, 0.0, columns_), at.y} : at;
    double left = begin->x;
    double right = begin->x;
    const auto go_to = [&](const Position& point) {
        if constexpr (is_cut) {
            end = add_cut(end, at, point);
        } else {
            *end++ = point;
        }
        left = std::min(left, end[-1].x);
        right = std::max(right, end[-1].x);
        at = point;
    };
    std::uint32_t next = chain.next;
    while (next < chain.end && vertices[next].y < line) go_to(vertices[next++]);
    if (next < chain.end) {
        if (vertices[next].y == line) {
            go_to(vertices[next++]);
        } else {
            go_to({x_at(vertices[next - 1], vertices[next], line), line});
        }
        chain.next = next;
    }
    const double top = chain.at.y;
    chain.at = at;
    RowSegment& segment = segments_.add();
    segment.left = left;
    segment.right = right;
    segment.top = top;
    segment.bottom = at.y;
    segment.begin = static_cast<std::uint32_t>(point_count_);
    point_count_ = static_cast<std::size_t>(end - points_.data());
    segment.end = static_cast<std::uint32_t>(point_count_);
    segment.part = chain.part;
    segment.upper_end = chain.upper_end;
    segment.lower_end = chain.lower_end;
}

// Adds a point, and before it the crossings of the edge with the lines at 0 and at the last column.
Position* BoundaryChains::add_cut(Position* points, const Position& before,
                                  const Position& point) const noexcept {
    const auto add_crossing = [&](double x) {
        if ((before.x < x && point.x > x) || (before.x > x && point.x < x)) {
            *points = {x, std::clamp(y_at(before, point, x), points[-1].y, point.y)};
            ++points;
        }
    };
    const bool is_rightwards = before.x < point.x;
    add_crossing(is_rightwards ? 0.0 : columns_);
    add_crossing(is_rightwards ? columns_ : 0.0);
    *points++ = {std::clamp(point.x, 0.0, columns_), point.y};
    return points;
}

}  // namespace heatgrid
