#include "heatgrid/shapes/area/row_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heatgrid/simd/bits.hpp"

namespace heatgrid {
namespace {

// Larger groups are not compared pairwise.
constexpr std::size_t max_compared = 64;

constexpr std::size_t steps_per_edge = 50;

// The cells that shorter segments pass through are not counted as work.
constexpr std::uint32_t max_uncounted = 1024;

// Limit of the edges that nested slabs hold.
constexpr std::size_t max_edges = std::size_t{1} << 22;

// At this depth, slabs are halved instead of divided at a crossing, so that recursion ends.
constexpr int max_cuts = 64;

}  // namespace

// The x of an edge at a level between its ends.
double RowSweep::x_at(const SlabEdge& edge, double y) noexcept {
    return edge.upper + (edge.lower - edge.upper) * ((y - edge.top) / (edge.bottom - edge.top));
}

// By the middle, from left to right.
bool RowSweep::is_before(const SlabEdge& a, const SlabEdge& b) noexcept {
    return a.upper + a.lower < b.upper + b.lower;
}

void RowSweep::open(std::size_t parts, std::size_t ends, double columns) {
    is_inside_.assign(parts, 0);
    inside_ = 0;
    end_segments_.assign(ends, 0);
    tolerance_ = columns * 0x1p-48;
    work_ = 0;
}

bool RowSweep::sweep(const Scratch<RowSegment>& segments, const Position* points, RowCover& cover) {
    points_ = points;
    cover_ = &cover;
    order(segments);
    for (std::size_t begin = 0, end = 0; begin < segments_.size(); begin = end) {
        const RowSegment& first = *segments_[begin];
        double right = first.right;
        bool is_regular = true;
        for (end = begin + 1; end < segments_.size() && segments_[end]->left <= right; ++end) {
            const RowSegment& segment = *segments_[end];
            is_regular &=
                (segment.left == right) & (segment.top == first.top) & (segment.bottom == first.bottom);
            right = std::max(right, segment.right);
        }
        if (is_regular) {
            for (std::size_t k = begin; k < end; ++k) add_segment(*segments_[k], flip(segments_[k]->part));
        } else if (end - begin > max_compared || !order_group(begin, end)) {
            sweep_group(begin, end);
        }
    }
    return work_ <= max_work_;
}

// From left to right.
void RowSweep::order(const Scratch<RowSegment>& segments) {
    const auto is_before = [](const RowSegment* a, const RowSegment* b) {
        return a->left < b->left || (a->left == b->left && a->right < b->right);
    };
    segments_.clear();
    for (const RowSegment& segment : segments) segments_.push_back(&segment);
    std::sort(segments_.begin(), segments_.end(), is_before);
}

// Crosses a segment of a part: 1 if the shape begins there, -1 if it ends, else 0.
double RowSweep::flip(std::uint32_t part) noexcept {
    const bool was_inside = inside_ > 0;
    is_inside_[part] ^= 1;
    inside_ = is_inside_[part] ? inside_ + 1 : inside_ - 1;
    return static_cast<double>(inside_ > 0) - static_cast<double>(was_inside);
}

void RowSweep::add_segment(const RowSegment& segment, double sign) noexcept {
    if (sign == 0.0) return;
    if (segment.end - segment.begin > max_uncounted) {
        for (std::uint32_t i = segment.begin + 1; i < segment.end; ++i) {
            work_ += static_cast<std::size_t>(std::fabs(points_[i].x - points_[i - 1].x));
        }
        if (work_ > max_work_) return;
    }
    cover_->add(points_ + segment.begin, points_ + segment.end, segment.left, segment.right, sign);
}

// Adds the segments of a group whole if none crosses another. Then the state left of a segment is the same
// along all of it, so that one level is enough.
bool RowSweep::order_group(std::size_t begin, std::size_t end) {
    const RowSegment* const* const segments = segments_.data() + begin;
    const std::size_t count = end - begin;
    std::uint64_t left_of[max_compared] = {};
    for (std::size_t b = 1; b < count; ++b) {
        for (std::size_t a = 0; a < b; ++a) {
            const Side side =
                segments[a]->right <= segments[b]->left ? Side::left : side_of(*segments[a], *segments[b]);
            if (side == Side::both) return false;
            if (side == Side::right) {
                left_of[a] |= std::uint64_t{1} << b;
            } else {
                left_of[b] |= std::uint64_t{1} << a;
            }
        }
    }
    if (passes_ends(segments, count, left_of)) return false;
    for (std::size_t k = 0; k < count; ++k) {
        const double level = (segments[k]->top + segments[k]->bottom) * 0.5;
        const auto flip_left = [&] {
            for (std::uint64_t bits = left_of[k]; bits; bits &= bits - 1) {
                const RowSegment& left = *segments[lowest_bit(bits)];
                if ((left.top <= level) & (level < left.bottom)) flip(left.part);
            }
        };
        flip_left();
        add_segment(*segments[k], flip(segments[k]->part));
        flip(segments[k]->part);
        flip_left();
    }
    for (std::size_t k = 0; k < count; ++k) flip(segments[k]->part);
    return true;
}

// Whether a segment passes between the two segments of an end, and therefore crosses one of them.
bool RowSweep::passes_ends(const RowSegment* const* segments, std::size_t count,
                           const std::uint64_t* left_of) {
    ends_.clear();
    const auto add_end = [&](std::uint32_t end, double level, std::size_t segment) {
        if (end_segments_[end] == 0) ends_.push_back({level, end});
        end_segments_[end] |= std::uint64_t{1} << segment;
    };
    for (std::size_t k = 0; k < count; ++k) {
        add_end(segments[k]->upper_end, segments[k]->top, k);
        add_end(segments[k]->lower_end, segments[k]->bottom, k);
    }
    bool passes = false;
    for (const End& end : ends_) {
        const std::uint64_t both = end_segments_[end.end];
        for (std::size_t k = 0; k < count; ++k) {
            const std::uint64_t left = both & left_of[k];
            const bool is_at_level = (segments[k]->top < end.level) & (end.level < segments[k]->bottom);
            passes |= is_at_level & (left != 0) & (left != both);
        }
        end_segments_[end.end] = 0;
    }
    return passes;
}

// The side of b on which a is, where they overlap in y.
RowSweep::Side RowSweep::side_of(const RowSegment& a, const RowSegment& b) const noexcept {
    const double top = std::max(a.top, b.top);
    if (top >= std::min(a.bottom, b.bottom)) return Side::none;
    const Position* p = points_ + a.begin;
    const Position* q = points_ + b.begin;
    while (p[1].y <= top) ++p;
    while (q[1].y <= top) ++q;
    bool is_left = false;
    bool is_right = false;
    // Compares a point of a with an edge of b, or with -1 the reverse: the distance times the edge's height.
    const auto compare = [&](const Position& point, const Position* edge, double sign) {
        const double height = edge[1].y - edge[0].y;
        const double distance =
            (point.x - edge[0].x) * height - (edge[1].x - edge[0].x) * (point.y - edge[0].y);
        is_left |= distance * sign < -tolerance_ * height;
        is_right |= distance * sign > tolerance_ * height;
    };
    if (p->y == top) compare(*p, q, 1.0);
    if (q->y == top) compare(*q, p, -1.0);
    const Position* const p_end = points_ + a.end - 1;
    const Position* const q_end = points_ + b.end - 1;
    while ((p < p_end) & (q < q_end)) {
        const bool is_p = p[1].y <= q[1].y;
        p += is_p;
        q += !is_p;
        compare(is_p ? *p : *q, is_p ? q : p, is_p ? 1.0 : -1.0);
    }
    return static_cast<Side>(static_cast<int>(is_left) + 2 * static_cast<int>(is_right));
}

// Divides a group into edges. Horizontal ones are kept until a cut, since they join the edges that they
// connect.
void RowSweep::sweep_group(std::size_t begin, std::size_t end) {
    edges_.clear();
    Slab slab{segments_[begin]->top, segments_[begin]->bottom};
    for (std::size_t k = begin; k < end; ++k) {
        slab = {std::min(slab.top, segments_[k]->top), std::max(slab.bottom, segments_[k]->bottom)};
    }
    for (std::size_t k = begin; k < end; ++k) {
        const RowSegment& segment = *segments_[k];
        for (const Position* a = points_ + segment.begin; a < points_ + segment.end - 1; ++a) {
            const bool is_inner = slab.top < a[0].y && a[0].y < slab.bottom;
            if (a[0].y < a[1].y || is_inner) edges_.push_back({a[0].x, a[1].x, a[0].y, a[1].y, segment.part});
        }
    }
    sweep_slab(0, edges_.size(), slab, 0);
}

// Edges begin .. end - 1 of a slab, which no others cross.
void RowSweep::sweep_slab(std::size_t begin, std::size_t end, Slab slab, int depth) {
    work_ += edges_.size() > max_edges ? max_work_ + 1 : end - begin;
    if (work_ > max_work_) return;
    check_(steps_per_edge * (end - begin));
    const auto first = edges_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = edges_.begin() + static_cast<std::ptrdiff_t>(end);
    if (!std::is_sorted(first, last, is_before)) std::sort(first, last, is_before);
    if (is_ordered(begin, end, slab)) {
        add_edges(begin, end);
        return;
    }
    // The minimum of all edges from each one on tells whether a later one comes before those that are done.
    // An edge that ends within the slab counts by its extent, so that both edges of an end are in one group.
    if (min_.size() < end) min_.resize(2 * end);
    Bounds min{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    for (std::size_t k = end; k-- > begin;) {
        const SlabEdge& edge = edges_[k];
        const double left = std::min(edge.upper, edge.lower) - 2.0 * tolerance_;
        const bool spans = edge.spans(slab);
        min = {std::min(min.upper, spans ? edge.upper : left),
               std::min(min.lower, spans ? edge.lower : left)};
        min_[k] = min;
    }
    for (std::size_t from = begin, to = begin; from < end; from = to) {
        Bounds max{-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
        do {
            const SlabEdge& edge = edges_[to];
            const double right = std::max(edge.upper, edge.lower);
            const bool spans = edge.spans(slab);
            max = {std::max(max.upper, spans ? edge.upper : right),
                   std::max(max.lower, spans ? edge.lower : right)};
            ++to;
        } while (to < end &&
                 (max.upper - min_[to].upper > tolerance_ || max.lower - min_[to].lower > tolerance_));
        if (is_ordered(from, to, slab)) {
            add_edges(from, to);
        } else {
            cut_slab(from, to, slab, depth);
        }
    }
}

// Whether edges that are sorted span the slab and do not cross.
bool RowSweep::is_ordered(std::size_t begin, std::size_t end, Slab slab) const noexcept {
    for (std::size_t k = begin; k < end; ++k) {
        if (!edges_[k].spans(slab) || (k > begin && is_behind(edges_[k], edges_[k - 1]))) return false;
    }
    return true;
}

// Whether the second edge, which comes first in the order, extends beyond the first at either end.
bool RowSweep::is_behind(const SlabEdge& edge, const SlabEdge& other) const noexcept {
    return other.upper - edge.upper > tolerance_ || other.lower - edge.lower > tolerance_;
}

// Divides a slab: the upper parts of its edges are copied, the lower ones stay. Each half begins with the
// state left of the slab.
void RowSweep::cut_slab(std::size_t begin, std::size_t end, Slab slab, int depth) {
    const double level = find_cut(begin, end, slab, depth);
    const std::size_t copies = edges_.size();
    if (!(slab.top < level && level < slab.bottom)) {
        add_edges(begin, end);
        return;
    }
    std::size_t kept = begin;
    for (std::size_t k = begin; k < end; ++k) {
        SlabEdge upper = edges_[k];
        SlabEdge lower = upper;
        if (upper.top < level && level < upper.bottom) {
            const double x = x_at(upper, level);
            upper.lower = lower.upper = x;
            upper.bottom = lower.top = level;
        }
        if (upper.top < level) edges_.push_back(upper);
        if (lower.bottom > level) edges_[kept++] = lower;
    }
    sweep_slab(copies, edges_.size(), {slab.top, level}, depth + 1);
    edges_.resize(copies);
    for (std::size_t k = begin; k < kept; ++k) {
        if (edges_[k].top == level) flip(edges_[k].part);
    }
    sweep_slab(begin, kept, {level, slab.bottom}, depth + 1);
}

// The median of the ends within the slab; without any, the crossing of neighbors nearest to its middle.
double RowSweep::find_cut(std::size_t begin, std::size_t end, Slab slab, int depth) {
    levels_.clear();
    for (std::size_t k = begin; k < end; ++k) {
        if (edges_[k].top > slab.top) levels_.push_back(edges_[k].top);
        if (edges_[k].bottom < slab.bottom) levels_.push_back(edges_[k].bottom);
    }
    if (!levels_.empty()) {
        const auto median = levels_.begin() + static_cast<std::ptrdiff_t>(levels_.size() / 2);
        std::nth_element(levels_.begin(), median, levels_.end());
        return *median;
    }
    double cut = depth < max_cuts ? 2.0 : 0.5;
    for (std::size_t k = begin + 1; k < end && depth < max_cuts; ++k) {
        const SlabEdge& a = edges_[k - 1];
        const SlabEdge& b = edges_[k];
        if (!is_behind(b, a)) continue;
        const double upper = b.upper - a.upper;
        const double lower = b.lower - a.lower;
        const double place = upper / (upper - lower);
        if (std::fabs(place - 0.5) < std::fabs(cut - 0.5)) cut = place;
    }
    return slab.top + (slab.bottom - slab.top) * cut;
}

// Adds edges that are in order.
void RowSweep::add_edges(std::size_t begin, std::size_t end) noexcept {
    for (std::size_t k = begin; k < end; ++k) {
        const SlabEdge& added = edges_[k];
        const double sign = flip(added.part);
        if (sign == 0.0) continue;
        const Position edge[] = {{added.upper, added.top}, {added.lower, added.bottom}};
        const double left = std::min(added.upper, added.lower);
        const double right = std::max(added.upper, added.lower);
        cover_->add(edge, edge + 2, left, right, sign);
        work_ += static_cast<std::size_t>(right - left);
    }
}

}  // namespace heatgrid
