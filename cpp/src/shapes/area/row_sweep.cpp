#include "heatgrid/shapes/area/row_sweep.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/simd/bits.hpp"

namespace heatgrid {
namespace {

// The x of a line between two of its points.
double at_height(const Position& a, const Position& b, double y) noexcept {
    if (y == a.y) return a.x;
    if (y == b.y) return b.x;
    return a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y));
}

// Larger unsorted lists are not sorted by insertion.
constexpr std::size_t most_inserted = 32;

// Larger groups are not compared pairwise.
constexpr std::size_t most_compared = 64;

// At this depth, slabs are halved instead of divided at a crossing, so that recursion ends.
constexpr int most_cuts = 32;

template <class Item, class IsBefore>
void insert_in_order(std::vector<Item>& items, const IsBefore& is_before) {
    for (std::size_t k = 1; k < items.size(); ++k) {
        const Item item = items[k];
        std::size_t at = k;
        for (; at > 0 && is_before(item, items[at - 1]); --at) items[at] = items[at - 1];
        items[at] = item;
    }
}

}  // namespace

// By the middle, from left to right.
bool RowSweep::is_before(const SlabEdge& a, const SlabEdge& b) noexcept {
    return a.upper + a.lower < b.upper + b.lower;
}

void RowSweep::open(std::size_t parts, std::size_t ends, double columns) {
    is_inside_.assign(parts, 0);
    tips_.assign(ends, 0);
    tolerance_ = columns * 0x1p-48;
}

void RowSweep::sweep(const Scratch<RowSegment>& segments, const Position* points, RowCover& cover) {
    points_ = points;
    cover_ = &cover;
    // A row that extends beyond the right side of the image did not end outside.
    std::fill(is_inside_.begin(), is_inside_.end(), std::uint8_t{0});
    inside_ = 0;
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
        } else if (end - begin > most_compared || !order_group(begin, end)) {
            sweep_group(begin, end);
        }
    }
}

// From left to right.
void RowSweep::order(const Scratch<RowSegment>& segments) {
    const auto is_before = [](const RowSegment* a, const RowSegment* b) {
        return a->left < b->left || (a->left == b->left && a->right < b->right);
    };
    segments_.clear();
    for (const RowSegment& segment : segments) segments_.push_back(&segment);
    if (segments_.size() > most_inserted) {
        std::sort(segments_.begin(), segments_.end(), is_before);
    } else {
        insert_in_order(segments_, is_before);
    }
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
    cover_->add(points_ + segment.begin, points_ + segment.end, segment.left, segment.right, sign);
}

// Adds the segments of a group whole if none crosses another. Then the state left of a segment is the same
// along all of it, so that one level is enough.
bool RowSweep::order_group(std::size_t begin, std::size_t end) {
    const RowSegment* const* const segments = segments_.data() + begin;
    const std::size_t count = end - begin;
    std::uint64_t left_of[most_compared] = {};
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
        if (tips_[end] == 0) ends_.push_back({level, end});
        tips_[end] |= std::uint64_t{1} << segment;
    };
    for (std::size_t k = 0; k < count; ++k) {
        add_end(segments[k]->upper_end, segments[k]->top, k);
        add_end(segments[k]->lower_end, segments[k]->bottom, k);
    }
    bool passes = false;
    for (const End& end : ends_) {
        const std::uint64_t both = tips_[end.end];
        const bool is_alone = (both & (both - 1)) == 0;  // the other one is right of the last column
        for (std::size_t k = 0; k < count; ++k) {
            const std::uint64_t left = both & left_of[k];
            const bool is_at_level = (segments[k]->top < end.level) & (end.level < segments[k]->bottom);
            passes |= is_at_level & (left != 0) & ((left != both) | is_alone);
        }
        tips_[end.end] = 0;
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
    const auto judge = [&](const Position& point, const Position* edge, double sign) {
        const double height = edge[1].y - edge[0].y;
        const double distance =
            (point.x - edge[0].x) * height - (edge[1].x - edge[0].x) * (point.y - edge[0].y);
        is_left |= distance * sign < -tolerance_ * height;
        is_right |= distance * sign > tolerance_ * height;
    };
    if (p->y == top) judge(*p, q, 1.0);
    if (q->y == top) judge(*q, p, -1.0);
    const Position* const p_end = points_ + a.end - 1;
    const Position* const q_end = points_ + b.end - 1;
    while ((p < p_end) & (q < q_end)) {
        const bool is_p = p[1].y <= q[1].y;
        p += is_p;
        q += !is_p;
        judge(is_p ? *p : *q, is_p ? q : p, is_p ? 1.0 : -1.0);
    }
    return static_cast<Side>(static_cast<int>(is_left) + 2 * static_cast<int>(is_right));
}

// Processes slab by slab, between the levels at which edges end; each begins with the state left of the
// group.
void RowSweep::sweep_group(std::size_t begin, std::size_t end) {
    levels_.clear();
    for (std::size_t k = begin; k < end; ++k) {
        const RowSegment& segment = *segments_[k];
        for (std::uint32_t i = segment.begin; i < segment.end; ++i) levels_.push_back(points_[i].y);
    }
    std::sort(levels_.begin(), levels_.end());
    levels_.erase(std::unique(levels_.begin(), levels_.end()), levels_.end());
    std::sort(segments_.begin() + static_cast<std::ptrdiff_t>(begin),
              segments_.begin() + static_cast<std::ptrdiff_t>(end),
              [](const RowSegment* a, const RowSegment* b) { return a->top < b->top; });
    runners_.clear();
    std::size_t next = begin;
    for (std::size_t level = 1; level < levels_.size(); ++level) {
        const Slab slab{levels_[level - 1], levels_[level]};
        runners_.erase(
            std::remove_if(runners_.begin(), runners_.end(),
                           [&](const Runner& runner) { return runner.segment->bottom <= slab.top; }),
            runners_.end());
        const std::size_t kept = runners_.size();
        for (; next < end && segments_[next]->top <= slab.top; ++next) {
            runners_.push_back({segments_[next], segments_[next]->begin, {}});
        }
        run_through(slab, runners_.size() - kept);
        stretches_.clear();
        for (const Runner& runner : runners_) stretches_.push_back(runner.stretch);
        sweep_slab(0, stretches_.size(), slab, 0);
        for (const SlabEdge& stretch : stretches_) flip(stretch.part);
    }
    for (std::size_t k = begin; k < end; ++k) flip(segments_[k]->part);
}

// Sorts the edges of a slab. They are almost sorted, since those of the previous slab were.
void RowSweep::run_through(Slab slab, std::size_t added) {
    for (Runner& runner : runners_) {
        while (points_[runner.edge + 1].y <= slab.top) ++runner.edge;
        const Position& a = points_[runner.edge];
        const Position& b = points_[runner.edge + 1];
        runner.stretch = {at_height(a, b, slab.top), at_height(a, b, slab.bottom), runner.segment->part};
    }
    const auto is_left = [](const Runner& a, const Runner& b) { return is_before(a.stretch, b.stretch); };
    if (added > most_inserted) {
        std::sort(runners_.begin(), runners_.end(), is_left);
    } else {
        insert_in_order(runners_, is_left);
    }
}

// Edges begin .. end - 1, which no others cross.
void RowSweep::sweep_slab(std::size_t begin, std::size_t end, Slab slab, int depth) {
    const auto first = stretches_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = stretches_.begin() + static_cast<std::ptrdiff_t>(end);
    if (!std::is_sorted(first, last, is_before)) std::sort(first, last, is_before);
    bool is_ordered = true;
    for (std::size_t k = begin + 1; k < end; ++k) is_ordered &= !is_behind(stretches_[k], stretches_[k - 1]);
    if (is_ordered) {
        add_stretches(begin, end, slab);
        return;
    }
    // The minimum of all ends from each edge on tells whether a later one comes before those that are done.
    if (least_.size() < end) least_.resize(2 * end);
    SlabEdge least = stretches_[end - 1];
    for (std::size_t k = end; k-- > begin;) {
        least.upper = std::min(least.upper, stretches_[k].upper);
        least.lower = std::min(least.lower, stretches_[k].lower);
        least_[k] = least;
    }
    for (std::size_t from = begin, to = begin; from < end; from = to) {
        SlabEdge greatest = stretches_[from];
        for (to = from + 1; to < end && is_behind(least_[to], greatest); ++to) {
            greatest.upper = std::max(greatest.upper, stretches_[to].upper);
            greatest.lower = std::max(greatest.lower, stretches_[to].lower);
        }
        if (to == from + 1) {
            add_stretches(from, to, slab);
        } else {
            cut_slab(from, to, slab, depth);
        }
    }
}

// Whether the second edge, which comes first in the order, extends beyond the first at either end.
bool RowSweep::is_behind(const SlabEdge& stretch, const SlabEdge& other) const noexcept {
    return other.upper - stretch.upper > tolerance_ || other.lower - stretch.lower > tolerance_;
}

// Divides a slab where neighbors cross, at the crossing nearest to its middle.
void RowSweep::cut_slab(std::size_t begin, std::size_t end, Slab slab, int depth) {
    double cut = depth < most_cuts ? 2.0 : 0.5;
    for (std::size_t k = begin + 1; k < end && depth < most_cuts; ++k) {
        const SlabEdge& a = stretches_[k - 1];
        const SlabEdge& b = stretches_[k];
        if (!is_behind(b, a)) continue;
        const double upper = b.upper - a.upper;
        const double lower = b.lower - a.lower;
        const double place = upper / (upper - lower);
        if (std::fabs(place - 0.5) < std::fabs(cut - 0.5)) cut = place;
    }
    const double level = slab.top + (slab.bottom - slab.top) * cut;
    if (!(slab.top < level && level < slab.bottom)) {
        add_stretches(begin, end, slab);
        return;
    }
    const std::size_t copies = stretches_.size();
    for (std::size_t k = begin; k < end; ++k) {
        const SlabEdge whole = stretches_[k];
        const double x = whole.upper + (whole.lower - whole.upper) * cut;
        stretches_[k].upper = x;
        stretches_.push_back({whole.upper, x, whole.part});
    }
    sweep_slab(copies, stretches_.size(), {slab.top, level}, depth + 1);
    for (std::size_t k = copies; k < stretches_.size(); ++k) flip(stretches_[k].part);
    stretches_.resize(copies);
    sweep_slab(begin, end, {level, slab.bottom}, depth + 1);
}

void RowSweep::add_stretches(std::size_t begin, std::size_t end, Slab slab) noexcept {
    for (std::size_t k = begin; k < end; ++k) {
        const double sign = flip(stretches_[k].part);
        if (sign == 0.0) continue;
        const Position edge[] = {{stretches_[k].upper, slab.top}, {stretches_[k].lower, slab.bottom}};
        cover_->add(edge, edge + 2, std::min(edge[0].x, edge[1].x), std::max(edge[0].x, edge[1].x), sign);
    }
}

}  // namespace heatgrid
