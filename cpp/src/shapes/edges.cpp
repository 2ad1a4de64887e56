#include "heatgrid/shapes/edges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heatgrid/grid/cells.hpp"

namespace heatgrid {
namespace {

// Origin of distances: a point that lines through integers do not pass through.
constexpr Position pole{-17.320508075688773, -41.42135623730951};

// An oblique edge that reaches farther has no reliable distance.
constexpr double far = 0x1p30;

// Distances of one line differ by less than (reach + 64) * 2^-48: six roundings in either product.
constexpr double pole_margin = 64.0;
constexpr double error = 0x1p-48;

// Buckets are much larger, so that a distance is rarely near the end of one.
constexpr double buckets = 0x1p28;
constexpr double far_from_end = 0.5 - 2.0 * buckets * error;

// Shorter edges have no distance either, unless their length is 0.
constexpr double shortest = 0x1p-1000;

constexpr std::size_t max_compared = 16;
constexpr std::size_t max_unknown = 64;
constexpr std::size_t steps_per_edge = 10;
constexpr std::size_t steps_per_comparison = 20;

// Row by row, and from left to right within a row.
bool is_before(const Position& a, const Position& b) noexcept {
    return a.y < b.y || (a.y == b.y && a.x < b.x);
}

bool is_same(const Position& a, const Position& b) noexcept { return a.x == b.x && a.y == b.y; }

Double2 absolute(Double2 v) noexcept { return max(v, Double2(0.0) - v); }

}  // namespace

Position EdgeOverlaps::upper(const Edge& edge) const noexcept {
    const Position a = vertices_.at(edge.from);
    const Position b = vertices_.at(edge.to);
    return is_before(a, b) ? a : b;
}

Position EdgeOverlaps::lower(const Edge& edge) const noexcept {
    const Position a = vertices_.at(edge.from);
    const Position b = vertices_.at(edge.to);
    return is_before(a, b) ? b : a;
}

void EdgeOverlaps::open(const Vertices& vertices, double reach) noexcept {
    vertices_ = vertices;
    reach_ = std::min(reach, far) + pole_margin;
    bucket_scale_ = buckets / reach_;
    is_ambiguous_ = reach > far;
    edge_count_ = 0;
}

// Distances are measured along the axis that the line is nearer to; 0 for edges of length 0. Two edges at a
// time; an odd edge is paired with an edge of length 0.
void EdgeOverlaps::add_ring(std::size_t first, std::size_t last) {
    const std::size_t count = last - first;
    if (edges_.size() < edge_count_ + count) {
        edges_.resize(edge_count_ + count);
        distances_.resize(edge_count_ + count + 1);
        buckets_.resize(edge_count_ + count + 1);
    }
    const Double2 zero(0.0);
    const Double2 one(1.0);
    const Double2 half(0.5);
    const Double2 bucket_scale(bucket_scale_);
    const double* const coordinates = vertices_.coordinates;
    auto from = static_cast<std::uint32_t>(last - 1);
    Double2 before = Double2::load(coordinates + 2 * std::size_t{from});
    Double2 from_half = zero;
    Double2 shortness = zero;  // becomes positive with an edge that is too short
    for (std::size_t i = 0; i < count; i += 2) {
        const Double2 a = Double2::load(coordinates + 2 * (first + i));
        const Double2 b = Double2::load(coordinates + 2 * (first + std::min(i + 1, count - 1)));
        const Double2 dx = Double2::firsts(a - before, b - a);
        const Double2 dy = Double2::seconds(a - before, b - a);
        const Double2 length = max(absolute(dx), absolute(dy));
        const Double2 scale = one / max(length, Double2(shortest));
        const Double2 x = Double2::firsts(a, b) - Double2(pole.x);
        const Double2 y = Double2::seconds(a, b) - Double2(pole.y);
        const Double2 distance = absolute(dy * scale * x - dx * scale * y);
        const Double2 in_buckets = min(distance * bucket_scale, Double2(4.0 * buckets)) + half;
        const Double2 part = in_buckets - in_buckets.truncate(buckets_.data() + edge_count_ + i) - half;
        distance.store(distances_.data() + edge_count_ + i);
        from_half = max(from_half, absolute(part));
        const Double2 lengths = length * Double2(1.0 / shortest);
        shortness = max(shortness, min(lengths * Double2(1.0 / shortest), one) - min(lengths, one));
        before = b;
    }
    is_ambiguous_ |= !((from_half < Double2(far_from_end)) & (shortness == zero)).all();
    for (auto to = static_cast<std::uint32_t>(first); to < last; from = to++)
        edges_[edge_count_++] = {from, to};
}

bool EdgeOverlaps::may_overlap() {
    if (is_ambiguous_) return true;
    check_(steps_per_edge * edge_count_);
    std::uint32_t bits = 6;
    while (std::size_t{1} << bits < 4 * edge_count_) ++bits;
    table_.assign(std::size_t{1} << bits, 0);
    std::uint32_t* const table = table_.data();
    const std::size_t mask = table_.size() - 1;
    for (std::uint32_t i = 0; i < edge_count_; ++i) {
        const std::int32_t bucket = buckets_[i];
        std::size_t at = static_cast<std::uint32_t>(bucket) * 0x9e3779b9U >> (32 - bits);
        std::size_t compared = 0;
        for (; table[at] > 0; at = (at + 1) & mask) {
            const std::uint32_t other = table[at] - 1;
            if (buckets_[other] != bucket) continue;
            if (overlap(edges_[i], edges_[other]) || ++compared > max_compared) return true;
        }
        table[at] = i + 1;
    }
    return false;
}

// Whether two edges that seem to be collinear share more than an end.
bool EdgeOverlaps::overlap(const Edge& one, const Edge& other) const noexcept {
    return is_before(upper(one), lower(other)) && is_before(upper(other), lower(one)) && !is_along_line(one);
}

// An edge along a grid line touches nothing.
bool EdgeOverlaps::is_along_line(const Edge& edge) const noexcept {
    const DoubledIndex column = vertices_.column(edge.from);
    const DoubledIndex row = vertices_.row(edge.from);
    return (is_on_line(column) && column == vertices_.column(edge.to)) ||
           (is_on_line(row) && row == vertices_.row(edge.to));
}

// Whether the distance of an edge is within its error bound.
bool EdgeOverlaps::has_distance(const Edge& edge) const noexcept {
    const Position a = vertices_.at(edge.from);
    const Position b = vertices_.at(edge.to);
    const double reach = std::max({std::fabs(a.x), std::fabs(a.y), std::fabs(b.x), std::fabs(b.y)});
    const double length = std::max(std::fabs(b.x - a.x), std::fabs(b.y - a.y));
    return length >= shortest && length <= 1.0 / shortest && (reach <= far || a.x == b.x || a.y == b.y);
}

const std::vector<Edge>& EdgeOverlaps::boundary() {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    boundary_.clear();
    ordered_.clear();
    lines_.clear();
    ends_.clear();
    for (std::size_t i = 0; i < edge_count_; ++i) {
        const Edge edge = edges_[i];
        if (is_same(vertices_.at(edge.from), vertices_.at(edge.to))) continue;
        if (is_along_line(edge)) {
            boundary_.push_back(edge);
        } else {
            ordered_.push_back({has_distance(edge) ? distances_[i] : infinity, edge});
        }
    }
    std::sort(ordered_.begin(), ordered_.end(), [this](const Line& a, const Line& b) {
        check_(steps_per_comparison);
        if (a.distance != b.distance) return a.distance < b.distance;
        return is_before(upper(a.edge), upper(b.edge)) ||
               (is_same(upper(a.edge), upper(b.edge)) && is_before(lower(a.edge), lower(b.edge)));
    });
    const double tolerance = reach_ * error;
    std::size_t unknown = 0;
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
        const Line& line = ordered_[i];
        std::size_t first = 0;
        if (line.distance < infinity) {
            first = lines_.size() - std::min(lines_.size(), max_compared);
            while (first < lines_.size() && line.distance - lines_[first].distance > tolerance) ++first;
        } else {
            if (i + 1 < ordered_.size() && is_same(upper(line.edge), upper(ordered_[i + 1].edge)) &&
                is_same(lower(line.edge), lower(ordered_[i + 1].edge))) {
                ++i;
                continue;
            }
            if (++unknown > max_unknown) first = lines_.size();
        }
        join(line, first);
    }
    keep_odd_intervals();
    return boundary_;
}

// Assigns an edge to the first of the lines from `first` on that it lies on, or else to a line of its own.
void EdgeOverlaps::join(const Line& line, std::size_t first) {
    const Position a = vertices_.at(line.edge.from);
    const Position b = vertices_.at(line.edge.to);
    std::size_t found = first;
    for (; found < lines_.size(); ++found) {
        check_(steps_per_comparison);
        const Edge& other = lines_[found].edge;
        if (orientation(a, b, vertices_.at(other.from)) == 0 &&
            orientation(a, b, vertices_.at(other.to)) == 0) {
            break;
        }
    }
    if (found == lines_.size()) lines_.push_back(line);
    ends_.push_back({static_cast<std::uint32_t>(found), line.edge.from});
    ends_.push_back({static_cast<std::uint32_t>(found), line.edge.to});
}

// Between the first and the second position on a line where an odd number of edges end, the third and the
// fourth, and so on.
void EdgeOverlaps::keep_odd_intervals() {
    const auto place = [this](const End& end) { return vertices_.at(end.vertex); };
    std::sort(ends_.begin(), ends_.end(), [&](const End& a, const End& b) {
        check_(steps_per_comparison);
        return a.line < b.line || (a.line == b.line && is_before(place(a), place(b)));
    });
    std::size_t odd = 0;  // ends_[0] .. ends_[odd - 1] are such places
    for (const End& end : ends_) {
        if (odd > 0 && ends_[odd - 1].line == end.line && is_same(place(ends_[odd - 1]), place(end))) {
            --odd;
        } else {
            ends_[odd++] = end;
        }
    }
    for (std::size_t i = 0; i < odd; i += 2) boundary_.push_back({ends_[i].vertex, ends_[i + 1].vertex});
}

}  // namespace heatgrid
