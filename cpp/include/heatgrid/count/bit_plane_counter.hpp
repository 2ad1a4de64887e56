// Positional population count: the number of images that hit each cell of a small grid at least once.
//
// An image's rectangles are painted into a plane of one bit per cell. Planes are added into a counter of bit
// planes with carry-save adders: the counter has one plane of weight 1, one of weight 2, and so on.
// Algorithm: Harley-Seal; see W. Mula, N. Kurz and D. Lemire, "Faster Population Counts Using AVX2
// Instructions", The Computer Journal 61 (2018). A pass over an image's plane, and one step per two rows
// of a rectangle; consuming is one pass per bit of the number of images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

class BitPlaneCounter {
  public:
    /// Two rows: the bits of their columns, the lowest in the first word.
    struct alignas(32) RowPair {
        std::uint64_t words[2][2];
    };
    /// Pairs after the last one of a plane, which painting reads and writes.
    static constexpr std::size_t spare_pairs = 13;

    [[nodiscard]] static bool fits(Grid grid) noexcept {
        return grid.columns <= most_columns && grid.rows <= most_rows;
    }
    /// Precondition: the grid fits.
    explicit BitPlaneCounter(Grid grid)
        : rows_(static_cast<std::size_t>(grid.rows)), pairs_((rows_ + 1) / 2), carry_(pairs_) {
        for (Plane& image : images_) image.resize(pairs_ + spare_pairs);
    }

    /// Adds one image; empty rectangles are ignored.
    void add(const Rectangle* rectangles, std::size_t count);

    /// Calls take(row, counts) with the counts of every row, modulo 2^32, and clears the counter.
    template <class Take>
    void consume(Take&& take) {
        add_waiting();
        std::uint32_t counts[most_columns];
        for (std::size_t row = 0; row < rows_; ++row) {
            count_row(row, counts);
            take(static_cast<std::int32_t>(row), static_cast<const std::uint32_t*>(counts));
        }
        layers_.clear();
    }

  private:
    using Plane = std::vector<RowPair>;

    static constexpr std::size_t images_at_once = 4;

    static constexpr std::int32_t most_columns = 128;
    static constexpr std::int32_t most_rows = 512;

    // Bits of one weight, and the plane that waits to be added to them.
    struct Layer {
        Plane sum;
        Plane waiting;
        bool has_waiting = false;
    };

    void add_images();
    Layer& layer(std::size_t index);
    void add_carry(Layer& layer) noexcept;
    void add_waiting();
    void count_row(std::size_t row, std::uint32_t* counts) const noexcept;

    std::size_t rows_;
    std::size_t pairs_;
    Plane images_[images_at_once];
    std::size_t painted_ = 0;    // of the images
    Plane carry_;                // to the next layer
    std::vector<Layer> layers_;  // by weight: 1, 2, 4 ...
};

}  // namespace heatgrid
