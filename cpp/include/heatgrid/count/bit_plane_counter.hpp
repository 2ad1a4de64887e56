// Positional population count: the number of images that hit each cell of a small grid at least once.
//
// An image's rectangles are painted into a plane of one bit per cell. Planes are added into a counter of bit
// planes with carry-save adders, four images at a time: the counter has one plane of weight 1, one of weight
// 2, and so on. Algorithm: Harley-Seal; see W. Mula, N. Kurz and D. Lemire, "Faster Population Counts Using
// AVX2 Instructions", The Computer Journal 61 (2018). About two dozen instructions per image and 512 cells;
// half a step per row of a rectangle; consuming is one pass over the planes, whose number is that of the bits
// of the number of images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

/// Two rows of a bit plane, 128 columns each: lower columns in the lower bits of the first word.
struct alignas(32) RowPair {
    std::uint64_t words[4];
};

class BitPlaneCounter {
  public:
    [[nodiscard]] static bool fits(Grid grid) noexcept {
        return grid.columns <= most_columns && grid.rows <= most_rows;
    }
    /// The smallest number of rectangles of an image for which adding a plane pays off.
    [[nodiscard]] static std::size_t least_rectangles(Grid grid) noexcept {
        return 3 + static_cast<std::size_t>(grid.rows) / 64;
    }

    /// Precondition: the grid fits.
    explicit BitPlaneCounter(Grid grid);

    /// Adds one image; empty rectangles are ignored.
    void add(const Rectangle* rectangles, std::size_t count);

    /// Calls take(row, counts) with the counts of every row, modulo 2^32, and clears the counter.
    template <class Take>
    void consume(Take&& take) {
        add_all();
        std::uint32_t counts[most_columns];
        for (std::int32_t row = 0; row < rows_; ++row) {
            count_row(row, counts);
            take(row, static_cast<const std::uint32_t*>(counts));
        }
        layers_.clear();
    }

  private:
    using Picture = std::vector<RowPair>;

    static constexpr std::int32_t most_columns = 128;
    static constexpr std::int32_t most_rows = 512;
    static constexpr std::size_t at_once = 4;

    // Bits of one weight, and the plane that waits to be added to them.
    struct Layer {
        Picture sum;
        Picture waiting;
        bool has_waiting = false;
    };

    [[nodiscard]] Layer& layer(std::size_t index);
    void add_pictures();
    void carry(std::size_t index);
    void add_waiting(Layer& to) noexcept;
    void add_all();
    void count_row(std::int32_t row, std::uint32_t* counts) const noexcept;

    std::int32_t rows_;
    std::size_t pairs_;
    Picture pictures_[at_once];
    std::size_t painted_ = 0;    // of the pictures
    Picture carry_;              // to the next layer
    std::vector<Layer> layers_;  // by weight: 1, 2, 4 ...
};

}  // namespace heatgrid
