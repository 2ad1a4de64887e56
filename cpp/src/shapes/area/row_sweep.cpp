#include "heatgrid/shapes/area/row_sweep.hpp"

#include <algorithm>
#include <cmath>

#include "heatgrid/simd/bits.hpp"

namespace heatgrid {
namespace {

// The x of a line between two points of it.
double at_height(const Position& a, const Position& b, double y) noexcept {
    if (y == a.y) return a.x;
    if (y == b.y) return b.x;
    return a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y));
}

// More things that are in no order are not put in order by insertion.
constexpr std::size_t most_inserted = 32;

// Larger groups are not ordered piece by piece.
constexpr std::size_t most_compared = 64;

// Deeper than this, slabs are halved instead of being cut at a crossing, so that they come to an end.
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
bool RowSweep::is_before(const Stretch& a, const Stretch& b) noexcept {
    return a.upper + a.lower < b.upper + b.lower;
}

void RowSweep::open(std::size_t parts, std::size_t tips, double columns) {
    is_inside_.assign(parts, 0);
    tips_.assign(tips, 0);
    tolerance_ = columns * 0x1p-48;
}

void RowSweep::sweep(const Scratch<Piece>& pieces, const Position* points, RowCover& cover) {
    points_ = points;
    cover_ = &cover;
    // Where a row reached out of the image on the right, it did not end outside.
    std::fill(is_inside_.begin(), is_inside_.end(), std::uint8_t{0});
    inside_ = 0;
    order(pieces);
    for (std::size_t begin = 0, end = 0; begin < pieces_.size(); begin = end) {
        const Piece& first = *pieces_[begin];
        double right = first.right;
        bool is_plain = true;
        for (end = begin + 1; end < pieces_.size() && pieces_[end]->left <= right; ++end) {
            const Piece& piece = *pieces_[end];
            is_plain &= (piece.left == right) & (piece.top == first.top) & (piece.bottom == first.bottom);
            right = std::max(right, piece.right);
        }
        if (is_plain) {
            for (std::size_t k = begin; k < end; ++k) add_piece(*pieces_[k], flip(pieces_[k]->part));
        } else if (end - begin > most_compared || !order_group(begin, end)) {
            sweep_group(begin, end);
        }
    }
}

// From left to right.
void RowSweep::order(const Scratch<Piece>& pieces) {
    const auto is_before = [](const Piece* a, const Piece* b) {
        return a->left < b->left || (a->left == b->left && a->right < b->right);
    };
    pieces_.clear();
    for (const Piece& piece : pieces) pieces_.push_back(&piece);
    if (pieces_.size() > most_inserted) {
        std::sort(pieces_.begin(), pieces_.end(), is_before);
    } else {
        insert_in_order(pieces_, is_before);
    }
}

// Crosses a piece of a part: 1 where the shape begins there, -1 where it ends, 0 where neither.
double RowSweep::flip(std::uint32_t part) noexcept {
    const bool was_inside = inside_ > 0;
    is_inside_[part] ^= 1;
    inside_ = is_inside_[part] ? inside_ + 1 : inside_ - 1;
    return static_cast<double>(inside_ > 0) - static_cast<double>(was_inside);
}

void RowSweep::add_piece(const Piece& piece, double sign) noexcept {
    if (sign == 0.0) return;
    cover_->add(points_ + piece.begin, points_ + piece.end, piece.left, piece.right, sign);
}

// Adds the pieces of a group as they are, if none crosses another. What is left of a piece is then the same
// all along it, so one level tells.
bool RowSweep::order_group(std::size_t begin, std::size_t end) {
    const Piece* const* const pieces = pieces_.data() + begin;
    const std::size_t count = end - begin;
    std::uint64_t left_of[most_compared] = {};
    for (std::size_t b = 1; b < count; ++b) {
        for (std::size_t a = 0; a < b; ++a) {
            const Side side =
                pieces[a]->right <= pieces[b]->left ? Side::left : side_of(*pieces[a], *pieces[b]);
            if (side == Side::both) return false;
            if (side == Side::right) {
                left_of[a] |= std::uint64_t{1} << b;
            } else {
                left_of[b] |= std::uint64_t{1} << a;
            }
        }
    }
    if (passes_tips(pieces, count, left_of)) return false;
    for (std::size_t k = 0; k < count; ++k) {
        const double level = (pieces[k]->top + pieces[k]->bottom) * 0.5;
        const auto flip_left = [&] {
            for (std::uint64_t bits = left_of[k]; bits; bits &= bits - 1) {
                const Piece& left = *pieces[lowest_bit(bits)];
                if ((left.top <= level) & (level < left.bottom)) flip(left.part);
            }
        };
        flip_left();
        add_piece(*pieces[k], flip(pieces[k]->part));
        flip(pieces[k]->part);
        flip_left();
    }
    for (std::size_t k = 0; k < count; ++k) flip(pieces[k]->part);
    return true;
}

// Whether a piece passes between the two pieces of a tip, and so crosses there what crosses neither.
bool RowSweep::passes_tips(const Piece* const* pieces, std::size_t count, const std::uint64_t* left_of) {
    ends_.clear();
    const auto add_end = [&](std::uint32_t tip, double level, std::size_t piece) {
        if (tips_[tip] == 0) ends_.push_back({level, tip});
        tips_[tip] |= std::uint64_t{1} << piece;
    };
    for (std::size_t k = 0; k < count; ++k) {
        add_end(pieces[k]->upper_tip, pieces[k]->top, k);
        add_end(pieces[k]->lower_tip, pieces[k]->bottom, k);
    }
    bool passes = false;
    for (const End& end : ends_) {
        const std::uint64_t both = tips_[end.tip];
        const bool is_alone = (both & (both - 1)) == 0;  // the other one is beyond the last column
        for (std::size_t k = 0; k < count; ++k) {
            const std::uint64_t left = both & left_of[k];
            const bool is_beside = (pieces[k]->top < end.level) & (end.level < pieces[k]->bottom);
            passes |= is_beside & (left != 0) & ((left != both) | is_alone);
        }
        tips_[end.tip] = 0;
    }
    return passes;
}

// On which side of b is a, where they are beside each other.
RowSweep::Side RowSweep::side_of(const Piece& a, const Piece& b) const noexcept {
    const double top = std::max(a.top, b.top);
    if (top >= std::min(a.bottom, b.bottom)) return Side::none;
    const Position* p = points_ + a.begin;
    const Position* q = points_ + b.begin;
    while (p[1].y <= top) ++p;
    while (q[1].y <= top) ++q;
    bool is_left = false;
    bool is_right = false;
    // A point of a beside an edge of b, or with -1 the other way round: the distance times the edge's height.
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

// Slab by slab between the levels at which edges end; each starts from what is left of the group.
void RowSweep::sweep_group(std::size_t begin, std::size_t end) {
    levels_.clear();
    for (std::size_t k = begin; k < end; ++k) {
        const Piece& piece = *pieces_[k];
        for (std::uint32_t i = piece.begin; i < piece.end; ++i) levels_.push_back(points_[i].y);
    }
    std::sort(levels_.begin(), levels_.end());
    levels_.erase(std::unique(levels_.begin(), levels_.end()), levels_.end());
    std::sort(pieces_.begin() + static_cast<std::ptrdiff_t>(begin),
              pieces_.begin() + static_cast<std::ptrdiff_t>(end),
              [](const Piece* a, const Piece* b) { return a->top < b->top; });
    runners_.clear();
    std::size_t next = begin;
    for (std::size_t level = 1; level < levels_.size(); ++level) {
        const Slab slab{levels_[level - 1], levels_[level]};
        runners_.erase(std::remove_if(runners_.begin(), runners_.end(),
                                      [&](const Runner& runner) { return runner.piece->bottom <= slab.top; }),
                       runners_.end());
        const std::size_t kept = runners_.size();
        for (; next < end && pieces_[next]->top <= slab.top; ++next) {
            runners_.push_back({pieces_[next], pieces_[next]->begin, {}});
        }
        run_through(slab, runners_.size() - kept);
        stretches_.clear();
        for (const Runner& runner : runners_) stretches_.push_back(runner.stretch);
        sweep_slab(0, stretches_.size(), slab, 0);
        for (const Stretch& stretch : stretches_) flip(stretch.part);
    }
    for (std::size_t k = begin; k < end; ++k) flip(pieces_[k]->part);
}

// The stretches of a slab, in order. They nearly are, since those of the slab above were, but for new ones.
void RowSweep::run_through(Slab slab, std::size_t added) {
    for (Runner& runner : runners_) {
        while (points_[runner.edge + 1].y <= slab.top) ++runner.edge;
        const Position& a = points_[runner.edge];
        const Position& b = points_[runner.edge + 1];
        runner.stretch = {at_height(a, b, slab.top), at_height(a, b, slab.bottom), runner.piece->part};
    }
    const auto is_left = [](const Runner& a, const Runner& b) { return is_before(a.stretch, b.stretch); };
    if (added > most_inserted) {
        std::sort(runners_.begin(), runners_.end(), is_left);
    } else {
        insert_in_order(runners_, is_left);
    }
}

// Stretches begin .. end - 1, which no other ones cross.
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
    // The least ends of all stretches from each on tell where nothing comes before what is done.
    if (least_.size() < end) least_.resize(2 * end);
    Stretch least = stretches_[end - 1];
    for (std::size_t k = end; k-- > begin;) {
        least.upper = std::min(least.upper, stretches_[k].upper);
        least.lower = std::min(least.lower, stretches_[k].lower);
        least_[k] = least;
    }
    for (std::size_t from = begin, to = begin; from < end; from = to) {
        Stretch greatest = stretches_[from];
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

// Whether the second stretch, that comes first in the order, goes beyond the first at either end.
bool RowSweep::is_behind(const Stretch& stretch, const Stretch& other) const noexcept {
    return other.upper - stretch.upper > tolerance_ || other.lower - stretch.lower > tolerance_;
}

// Cuts a slab in two where neighbours cross, those that do so nearest to the middle.
void RowSweep::cut_slab(std::size_t begin, std::size_t end, Slab slab, int depth) {
    double cut = depth < most_cuts ? 2.0 : 0.5;
    for (std::size_t k = begin + 1; k < end && depth < most_cuts; ++k) {
        const Stretch& a = stretches_[k - 1];
        const Stretch& b = stretches_[k];
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
        const Stretch whole = stretches_[k];
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
