// Images counted bit by bit: every image adds 1 to the cells that its rectangles hit, however many do.
#include "heatgrid/count/bit_plane_counter.hpp"

#include <cstdint>
#include <random>
#include <vector>

#include "check.hpp"

using heatgrid::BitPlaneCounter;
using heatgrid::Grid;
using heatgrid::Rectangle;

namespace {

using Image = std::vector<Rectangle>;

// Cell by cell.
void paint(Grid grid, const Image& image, std::vector<std::uint32_t>& counts) {
    std::vector<std::uint32_t> hit(grid.cells(), 0);
    for (const Rectangle& r : image) {
        for (int y = r.top; y < r.bottom; ++y) {
            for (int x = r.left; x < r.right; ++x) hit[static_cast<std::size_t>(y * grid.columns + x)] = 1;
        }
    }
    for (std::size_t cell = 0; cell < hit.size(); ++cell) counts[cell] += hit[cell];
}

std::vector<std::uint32_t> drained(Grid grid, BitPlaneCounter& images) {
    std::vector<std::uint32_t> counts;
    std::int32_t rows = 0;
    images.consume([&](std::int32_t row, const std::uint32_t* values) {
        CHECK_EQUAL(row, rows++);
        counts.insert(counts.end(), values, values + grid.columns);
    });
    CHECK_EQUAL(rows, grid.rows);
    return counts;
}

// Any rectangle of the grid, the smallest and the largest included.
Rectangle any(std::mt19937& random, Grid grid) {
    const auto below = [&](std::int32_t n) {
        return static_cast<std::int32_t>(random() % static_cast<unsigned>(n));
    };
    const std::int32_t left = below(grid.columns);
    const std::int32_t top = below(grid.rows);
    return {left, left + 1 + below(grid.columns - left), top, top + 1 + below(grid.rows - top)};
}

}  // namespace

TEST(images_counted_bit_by_bit_equal_images_painted) {
    std::mt19937 random(11);
    for (const Grid grid : {Grid{1, 1}, Grid{2, 3}, Grid{7, 63}, Grid{8, 64}, Grid{33, 65}, Grid{100, 100},
                            Grid{101, 127}, Grid{512, 128}, Grid{511, 2}}) {
        CHECK_EQUAL(BitPlaneCounter::fits(grid), true);
        BitPlaneCounter images(grid);
        // Every number of images up to 40 leaves another part of them waiting.
        for (std::size_t number = 0; number <= 40; ++number) {
            std::vector<std::uint32_t> expected(grid.cells(), 0);
            for (std::size_t i = 0; i < number; ++i) {
                Image image(random() % 5);
                for (Rectangle& r : image) r = any(random, grid);
                if (i % 3 == 0) image.insert(image.begin(), Rectangle{});
                images.add(image.data(), image.size());
                paint(grid, image, expected);
            }
            CHECK_EQUAL(drained(grid, images) == expected, true);
        }
    }
}

TEST(every_height_at_every_row) {
    const Grid grid{40, 5};
    BitPlaneCounter images(grid);
    std::vector<std::uint32_t> expected(grid.cells(), 0);
    for (std::int32_t top = 0; top < grid.rows; ++top) {
        for (std::int32_t bottom = top; bottom <= grid.rows; ++bottom) {
            const Image image{{1, 4, top, bottom}};
            images.add(image.data(), image.size());
            paint(grid, image, expected);
        }
    }
    CHECK_EQUAL(drained(grid, images) == expected, true);
}

TEST(many_images) {
    const Grid grid{3, 9};
    for (const std::uint32_t number : {255U, 256U, 257U, 65535U, 65536U, 70001U}) {
        BitPlaneCounter images(grid);
        const Image image{{2, 5, 0, 2}, {3, 9, 1, 2}, {2, 5, 0, 2}};
        for (std::uint32_t i = 0; i < number; ++i) images.add(image.data(), image.size());
        std::vector<std::uint32_t> expected(grid.cells(), 0);
        paint(grid, image, expected);
        for (std::uint32_t& count : expected) count *= number;
        CHECK_EQUAL(drained(grid, images) == expected, true);
    }
}

TEST(large_grids_do_not_fit) {
    CHECK_EQUAL(BitPlaneCounter::fits({10, 129}), false);
    CHECK_EQUAL(BitPlaneCounter::fits({513, 10}), false);
}
