// Masks: sampled at the centers of the cells; touched and covered cells exactly; in every form.
#include "masks.hpp"

#include <cmath>
#include <random>

#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Masks;
using heatgrid::MaskScan;
using heatgrid::Outcome;
using heatgrid::PixelOrder;
using heatgrid::Rule;

namespace {

Picture picture(Grid grid, const std::string& mask, Rule rule) {
    return scan(grid, pixels_of(mask), rule).picture();
}

// Every form against the definition.
void check_forms(Grid grid, const Pixels& pixels) {
    for (const Rule rule : {Rule::center, Rule::touch, Rule::point, Rule::area}) {
        const Hits right = expected(grid, pixels, rule);
        for (const Form& form : scan_forms(grid, pixels, rule)) {
            if (form.hits == right) continue;
            std::ostringstream message;
            message << form.name << ", " << pixels.height << " x " << pixels.width << " pixels, rule "
                    << static_cast<int>(rule) << ": " << form.hits.outcome << form.hits.picture()
                    << (form.hits.is_disjoint ? "" : "\n  a cell twice") << "\n  expected " << right.outcome
                    << right.picture();
            fail(__FILE__, __LINE__, message.str());
            return;
        }
    }
}

}  // namespace

TEST(pixels_as_large_as_cells) {
    const char* const mask = R"(
        .11...
        1..1..
        ...11.
        .....1)";
    CHECK_PICTURE(picture({4, 6}, mask, Rule::center), R"(
        .++...
        +..+..
        ...++.
        .....+)");
    CHECK_EQUAL(picture({4, 6}, mask, Rule::touch), picture({4, 6}, mask, Rule::center));
    CHECK_EQUAL(picture({4, 6}, mask, Rule::area), picture({4, 6}, mask, Rule::center));
}

TEST(a_cell_samples_the_pixel_at_its_center) {
    // Three pixels a cell: the middle one.
    CHECK_PICTURE(picture({2, 2}, R"(
        11.111
        1.1111
        111111
        ......
        ......
        1....1)",
                          Rule::center),
                  R"(
        .+
        ..)");
    // Two: the lower right one, whose near corner the center is.
    CHECK_PICTURE(picture({2, 2}, R"(
        111.
        1..1
        ..1.
        ...1)",
                          Rule::center),
                  R"(
        .+
        .+)");
}

TEST(a_pixel_may_hit_many_cells) {
    CHECK_PICTURE(picture({4, 6}, R"(
        1.1
        .1.)",
                          Rule::center),
                  R"(
        ++..++
        ++..++
        ..++..
        ..++..)");
}

TEST(holes_and_parts) {
    CHECK_PICTURE(picture({5, 8}, R"(
        11111..1
        1...1..1
        1.1.1.1.
        1...1..1
        11111..1)",
                          Rule::center),
                  R"(
        +++++..+
        +...+..+
        +.+.+.+.
        +...+..+
        +++++..+)");
}

TEST(a_mask_that_holds_no_center_hits_the_cell_of_its_mean) {
    const Pixels mask = pixels_of(R"(
        ......
        ......
        ......
        ....11)");
    const Hits hits = scan({1, 3}, mask, Rule::center);
    CHECK_EQUAL(hits.outcome, Outcome::counted_as_point);
    CHECK_PICTURE(hits.picture(), "..+");
    CHECK_EQUAL(scan({1, 3}, mask, Rule::point).outcome, Outcome::counted);
}

TEST(the_mean_need_not_be_set) {
    CHECK_PICTURE(picture({3, 3}, R"(
        111
        1.1
        111)",
                          Rule::point),
                  R"(
        ...
        .+.
        ...)");
}

TEST(touched_are_the_cells_that_pixels_overlap) {
    const char* const mask = R"(
        ....
        .1..
        ...1
        ....)";
    CHECK_PICTURE(picture({3, 3}, mask, Rule::touch), R"(
        ++.
        +++
        ..+)");
    CHECK_PICTURE(picture({2, 2}, mask, Rule::touch), R"(
        +.
        .+)");
}

TEST(areas_are_the_shares_of_cells) {
    CHECK_PICTURE(picture({2, 3}, R"(
        111...
        11....
        .....1
        ....11)",
                          Rule::area),
                  R"(
        +2.
        ..7)");
    // A pixel over 1.5 x 1.5 cells.
    CHECK_PICTURE(picture({3, 3}, R"(
        .1
        ..)",
                          Rule::area),
                  R"(
        .5+
        .25
        ...)");
}

TEST(areas_sum_to_the_set_pixels) {
    std::mt19937 random(5);
    for (const Grid grid : {Grid{7, 11}, Grid{100, 100}, Grid{3, 640}}) {
        const Pixels pixels = drawn(random, 48, 64, Texture::blobs);
        double set = 0.0;
        for (const std::uint8_t byte : pixels.bytes) set += byte;
        const double sum = scan(grid, pixels, Rule::area).sum() / static_cast<double>(grid.cells());
        CHECK(std::fabs(sum - set / (48.0 * 64.0)) < 1e-12);
    }
}

TEST(every_form_and_rule_is_as_defined) {
    std::mt19937 random(11);
    const auto size = [&random](std::int32_t limit) {
        return std::uniform_int_distribution<std::int32_t>(1, limit)(random);
    };
    for (int i = 0; i < 600; ++i) {
        const std::int32_t limit = i % 3 == 0 ? 4 : i % 3 == 1 ? 20 : 70;
        const Grid grid{size(i % 2 == 0 ? 6 : 40), size(i % 5 == 0 ? 6 : 80)};
        check_forms(grid, drawn(random, size(limit), size(limit), static_cast<Texture>(i % 5)));
    }
}

TEST(lines_longer_than_the_words_that_bitmaps_are_read_by) {
    std::mt19937 random(12);
    for (const std::int64_t width : {31, 32, 33, 64, 95, 257}) {
        for (const Texture texture : {Texture::dots, Texture::blobs}) {
            check_forms({5, 40}, drawn(random, 3, width, texture));
            check_forms({40, 5}, drawn(random, width, 3, texture));
        }
    }
}

TEST(a_scan_is_ready_for_the_next_mask_whatever_came_before) {
    // Sizes and offsets of four masks: good, with a run too long after good ones, empty, good.
    const std::int64_t sizes[] = {4, 4, 4, 4, 2, 8, 4, 4};
    const RunLengths runs{0, 16, 1, 3, 5, 2, 1, 3, 9, 16, 5, 2, 2, 2, 5};
    const std::int64_t offsets[] = {0, 2, 9, 10, 15};
    Masks masks;
    masks.sizes = sizes;
    masks.count = 4;
    masks.runs = runs.data();
    masks.run_offsets = offsets;
    for (const Rule rule : {Rule::center, Rule::touch, Rule::area}) {
        for (const PixelOrder order : {PixelOrder::row_major, PixelOrder::column_major}) {
            masks.order = order;
            MaskScan scan({4, 4}, rule);
            const std::vector<Outcome> outcomes{Outcome::counted, Outcome::broken_mask, Outcome::empty,
                                                Outcome::counted};
            for (std::size_t i = 0; i < outcomes.size(); ++i) {
                CHECK_EQUAL(scan.scan(masks, i), outcomes[i]);
                std::int32_t cells = 0;
                for (const heatgrid::Run& run : scan.runs()) cells += run.last - run.first;
                CHECK_EQUAL(cells, (std::vector<std::int32_t>{16, 0, 0, 4})[i]);
                CHECK(scan.partial_cells().empty());
            }
        }
    }
}
