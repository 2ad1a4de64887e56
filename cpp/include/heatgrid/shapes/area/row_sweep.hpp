// Sweep from left to right over one row: boundary segments to covered area.
//
// Within a part the even-odd rule applies, parts are united: each segment takes its part from outside to
// inside or back; the shape begins with the first part that is entered and ends with the last that is left.
// Only segments where the shape begins or ends matter. They are accumulated whole, unless another segment
// crosses them. What is above or below a segment that ends inside the row need not be known: another segment
// ends at the same point, next to it in this order, and right of both nothing changes.
//
// Method: segments with disjoint ranges of x are in order. Those that overlap form a group; up to a certain
// number are compared pairwise, and if each is on one side of every other, the order is found. Otherwise the
// group is divided into slabs at the ends of all its edges, and where edges cross, until the order is the
// same throughout a slab (slab decomposition; see M. de Berg et al., "Computational Geometry", chapter 2).
// Crossings that change the area by less than rounding are ignored. A sort of the row's segments; in groups,
// the edges of every slab, and a few hundred nanoseconds per crossing, of which n edges may have n * n. A
// limit bounds this work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/shapes/area/boundary_chains.hpp"
#include "heatgrid/shapes/area/row_cover.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Holds scratch memory for one thread.
class RowSweep {
  public:
    /// Default limit of the edges in all slabs of a shape, and of the cells that they pass through: about a
    /// second.
    static constexpr std::size_t default_work = 30'000'000;

    explicit RowSweep(std::size_t max_work) : max_work_(max_work) {}

    /// Begins a shape: its numbers of parts and of chain ends, and the largest x.
    void open(std::size_t parts, std::size_t ends, double columns);

    /// False if the shape exceeds the work limit; its rows are then incomplete.
    [[nodiscard]] bool sweep(const Scratch<RowSegment>& segments, const Position* points, RowCover& cover);

  private:
    struct End {
        double level;
        std::uint32_t end;
    };
    struct Slab {
        double top;
        double bottom;
    };
    // An edge, or the part of it within a slab: its x at the upper and at the lower end.
    struct SlabEdge {
        double upper;
        double lower;
        double top;
        double bottom;
        std::uint32_t part;

        [[nodiscard]] bool spans(Slab slab) const noexcept {
            return (top == slab.top) & (bottom == slab.bottom);
        }
    };
    // Of x at the upper and at the lower end of a slab.
    struct Bounds {
        double upper;
        double lower;
    };

    enum class Side : std::uint8_t { none = 0, left = 1, right = 2, both = 3 };

    double flip(std::uint32_t part) noexcept;
    void order(const Scratch<RowSegment>& segments);
    void add_segment(const RowSegment& segment, double sign) noexcept;
    [[nodiscard]] bool order_group(std::size_t begin, std::size_t end);
    [[nodiscard]] bool passes_ends(const RowSegment* const* segments, std::size_t count,
                                   const std::uint64_t* left_of);
    [[nodiscard]] Side side_of(const RowSegment& a, const RowSegment& b) const noexcept;
    void sweep_group(std::size_t begin, std::size_t end);
    void sweep_slab(std::size_t begin, std::size_t end, Slab slab, int depth);
    void cut_slab(std::size_t begin, std::size_t end, Slab slab, int depth);
    [[nodiscard]] double find_cut(std::size_t begin, std::size_t end, Slab slab, int depth);
    void add_edges(std::size_t begin, std::size_t end) noexcept;
    [[nodiscard]] bool is_ordered(std::size_t begin, std::size_t end, Slab slab) const noexcept;
    [[nodiscard]] bool is_behind(const SlabEdge& edge, const SlabEdge& other) const noexcept;
    [[nodiscard]] static bool is_before(const SlabEdge& a, const SlabEdge& b) noexcept;
    [[nodiscard]] static double x_at(const SlabEdge& edge, double y) noexcept;

    Checkpoint check_;
    std::size_t max_work_;

    // The current row.
    const Position* points_ = nullptr;
    RowCover* cover_ = nullptr;
    std::vector<const RowSegment*> segments_;  // from left to right

    std::vector<std::uint8_t> is_inside_;  // by part
    std::size_t inside_ = 0;               // number of parts around the current x
    double tolerance_ = 0.0;               // error bound of x
    std::size_t work_ = 0;

    std::vector<End> ends_;  // of a group's segments
    std::vector<std::uint64_t>
        end_segments_;             // by end: the segments of a group that end there; 0 between groups
    std::vector<SlabEdge> edges_;  // of nested slabs, one after the other
    std::vector<Bounds> min_;
    std::vector<double> levels_;
};

}  // namespace heatgrid
