// How many images hit each cell of a small grid, whatever the number of rectangles that do so in one image.
//
// An image's rectangles are painted into a picture of one bit a cell, and pictures are added as one adds
// numbers by hand, all cells at once: the sums lie in layers of one bit a cell, those of weight 1 in one
// layer, of weight 2 in the next. Four pictures go in at a time. Cost: a rectangle, half a step a row; an
// image, two dozen instructions for 512 cells; emptying, a pass over the layers, of which there are as many
// as the number of images has bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

// Two rows of a picture, 128 columns each: the lower columns in the lower bits of the first word.
struct alignas(32) RowPair {
    std::uint64_t words[4];
};

class BitPlaneCounter {
  public:
    [[nodiscard]] static bool fits(Grid grid) noexcept {
        return grid.columns <= most_columns && grid.rows <= most_rows;
    }
    // The fewest rectangles of an image that pay for adding its picture.
    [[nodiscard]] static std::size_t least_rectangles(Grid grid) noexcept {
        return 3 + static_cast<std::size_t>(grid.rows) / 64;
    }

    // Precondition: the grid fits.
    explicit BitPlaneCounter(Grid grid);

    // One image; empty rectangles are left out.
    void add(const Rectangle* rectangles, std::size_t count);

    // Hands the counts of every row, modulo 2^32, to take(row, counts), and leaves none.
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

    // Bits of one weight, and what waits to be added to them.
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
    Picture carry_;              // on its way to the next layer
    std::vector<Layer> layers_;  // by weight: 1, 2, 4 ...
};

}  // namespace heatgrid
