// One row of a shape: from pieces of its boundary to what it covers, from left to right.
//
// Within a part the rule is even-odd, parts are united: going to the right, each piece takes its part from
// outside to inside or back, and the shape begins with the first part that goes inside and ends with the
// last. Only pieces where the shape begins or ends matter, and they go whole into the row's sums, as long as
// no other piece comes into the stretch of x that they keep within. Pieces that do are dealt with as a group,
// cut into slabs at the ends of all their edges, and where edges cross, until the order of edges is the same
// all over a slab. What is above or below a piece that ends inside the row need not be known: another piece
// ends at the same place, next to it in this order, and to the right of both nothing has changed. Cost: a
// sort of the row's pieces; in groups, the edges of each slab, and some more for each crossing. Crossings
// that change the area by less than rounding does are left alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/chains.hpp"
#include "heatgrid/row_cover.hpp"

namespace heatgrid {

// Scratch memory for one thread.
class RowSweep {
  public:
    // Before the first row of a shape: its parts and tips, and how far x goes.
    void open(std::size_t parts, std::size_t tips, double columns);

    void sweep(const Scratch<Piece>& pieces, const Position* points, RowCover& cover);

  private:
    // An edge in a slab, by its x at the upper and at the lower end.
    struct Stretch {
        double upper;
        double lower;
        std::uint32_t part;
    };
    struct End {
        double level;
        std::uint32_t tip;
    };
    struct Slab {
        double top;
        double bottom;
    };

    enum class Side : std::uint8_t { none = 0, left = 1, right = 2, both = 3 };

    double flip(std::uint32_t part) noexcept;
    void order(const Scratch<Piece>& pieces);
    void add_piece(const Piece& piece, double sign) noexcept;
    [[nodiscard]] bool order_group(std::size_t begin, std::size_t end);
    [[nodiscard]] bool passes_tips(const Piece* const* pieces, std::size_t count,
                                   const std::uint64_t* left_of);
    [[nodiscard]] Side side_of(const Piece& a, const Piece& b) const noexcept;
    void sweep_group(std::size_t begin, std::size_t end);
    void sweep_slab(std::size_t begin, std::size_t end, Slab slab, int depth);
    void cut_slab(std::size_t begin, std::size_t end, Slab slab, int depth);
    void add_stretches(std::size_t begin, std::size_t end, Slab slab) noexcept;
    [[nodiscard]] bool is_behind(const Stretch& stretch, const Stretch& other) const noexcept;

    // The row at hand.
    const Position* points_ = nullptr;
    RowCover* cover_ = nullptr;
    std::vector<const Piece*> pieces_;  // from left to right

    std::vector<std::uint8_t> is_inside_;  // by part
    std::size_t inside_ = 0;               // how many parts we are inside of
    double tolerance_ = 0.0;               // what x may be wrong by

    std::vector<End> ends_;            // of a group's pieces
    std::vector<std::uint64_t> tips_;  // the pieces of a group that end there; 0 between groups
    std::vector<double> levels_;
    std::vector<std::uint32_t> edges_;  // of a group's pieces: the point where the edge in the slab begins
    std::vector<Stretch> stretches_;    // of nested slabs, one after the other
    std::vector<Stretch> least_;
};

}  // namespace heatgrid
