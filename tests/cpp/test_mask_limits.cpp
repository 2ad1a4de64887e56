// Masks that back ends are handed: runs and codes that lie, sizes without end, and codes turned at random.
#include <cmath>
#include <limits>
#include <random>

#include "masks.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Masks;
using heatgrid::MaskScan;
using heatgrid::Outcome;
using heatgrid::PixelOrder;
using heatgrid::Rule;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Outcome outcome_of_runs(std::int64_t height, std::int64_t width, const RunLengths& runs,
                        Rule rule = Rule::center) {
    return scan_runs({4, 4}, height, width, runs, rule).outcome;
}

Outcome outcome_of_code(std::int64_t height, std::int64_t width, const std::string& code) {
    return scan_code({4, 4}, height, width, code, Rule::center).outcome;
}

}  // namespace

TEST(runs_must_sum_to_the_size) {
    CHECK_EQUAL(outcome_of_runs(4, 4, {3, 13}), Outcome::counted);
    CHECK_EQUAL(outcome_of_runs(4, 4, {0, 16}), Outcome::counted);
    CHECK_EQUAL(outcome_of_runs(4, 4, {16}), Outcome::empty);
    CHECK_EQUAL(outcome_of_runs(4, 4, {16, 0}), Outcome::empty);
    CHECK_EQUAL(outcome_of_runs(4, 4, {3, 0, 0, 0, 13}), Outcome::empty);
    CHECK_EQUAL(outcome_of_runs(4, 4, {3, 2, 0, 3, 8}), Outcome::counted);
    for (const RunLengths& runs :
         {RunLengths{}, RunLengths{15}, RunLengths{17}, RunLengths{3, 12}, RunLengths{3, 14},
          RunLengths{3, 13, 1}, RunLengths{-1, 17}, RunLengths{20, -4}, RunLengths{3, -3, 16},
          RunLengths{most, most, 18}, RunLengths{1, most},
          RunLengths{std::numeric_limits<std::int64_t>::min(), 16}}) {
        for (const Rule rule : {Rule::center, Rule::touch, Rule::point, Rule::area}) {
            CHECK_EQUAL(outcome_of_runs(4, 4, runs, rule), Outcome::broken_mask);
        }
    }
}

TEST(sizes_that_no_mask_has) {
    for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-4}, most, (std::int64_t{1} << 31) + 1}) {
        CHECK_EQUAL(outcome_of_runs(bad, 4, {16}), Outcome::broken_mask);
        CHECK_EQUAL(outcome_of_runs(4, bad, {16}), Outcome::broken_mask);
        CHECK_EQUAL(outcome_of_runs(bad, bad, {}), Outcome::broken_mask);
    }
}

TEST(the_largest_masks_finish_at_once) {
    const std::int64_t side = std::int64_t{1} << 31;
    const std::int64_t half = side / 2;
    const Grid grid{4, 4};
    for (const PixelOrder order : {PixelOrder::row_major, PixelOrder::column_major}) {
        for (const Rule rule : {Rule::center, Rule::touch, Rule::area}) {
            const Hits all = scan_runs(grid, side, side, {0, side * side}, rule, order);
            CHECK_EQUAL(all.outcome, Outcome::counted);
            CHECK_EQUAL(all.sum(), 16.0);
            // From the middle of the first line to the middle of the last.
            const Hits most_lines = scan_runs(grid, side, side, {half, side * (side - 1), half}, rule, order);
            CHECK(std::fabs(most_lines.sum() - 16.0) <= (rule == Rule::center ? 2.0 : 1e-6));
            CHECK(most_lines.is_disjoint);
        }
        CHECK_EQUAL(scan_runs(grid, side, side, {0, side * half, side * half}, Rule::point, order).outcome,
                    Outcome::counted);
        CHECK_EQUAL(scan_runs(grid, side, side, {0, side * side, 1}, Rule::center, order).outcome,
                    Outcome::broken_mask);
    }
    CHECK_PICTURE(scan_runs(grid, side, 1, {half, 1, half - 1}, Rule::point).picture(), R"(
        ....
        ....
        ..+.
        ....)");
}

TEST(codes_of_known_masks) {
    // What COCO's own tools write of the runs 6 1 40 4 5 4 5 4 21, of a mask of 9 x 10 pixels.
    const RunLengths runs{6, 1, 40, 4, 5, 4, 5, 4, 21};
    CHECK_EQUAL(compressed(runs), "61X13mN000`0");
    CHECK_EQUAL(scan_code({9, 10}, 9, 10, "61X13mN000`0", Rule::center).picture(),
                scan_runs({9, 10}, 9, 10, runs, Rule::center).picture());
    CHECK_EQUAL(outcome_of_code(4, 4, "0`0"), Outcome::counted);
    CHECK_EQUAL(outcome_of_code(4, 4, "`0"), Outcome::empty);
}

TEST(codes_that_are_broken) {
    for (const std::string& code :
         {std::string{}, std::string("0`"), std::string("0`0`"), std::string("0\x7f"), std::string("0p"),
          std::string("/`0"), std::string("0`0 "), std::string("0\0`0", 4), std::string("0\xff`0"),
          // Negative, too long by one pixel, too short, and numbers of nine and of very many characters.
          std::string("0O"), std::string("0a0"), std::string("0?"), std::string("0`PPPPPPP0"),
          std::string(1000, 'P') + "0", std::string(1000, 'o'), std::string(1000, 'O')}) {
        CHECK_EQUAL(outcome_of_code(4, 4, code), Outcome::broken_mask);
    }
}

TEST(codes_turned_at_random_are_read_as_defined) {
    std::mt19937 random(13);
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    int valid = 0;
    for (int i = 0; i < 4000; ++i) {
        const Pixels pixels = drawn(random, 1 + i % 9, 1 + i % 7, static_cast<Texture>(i % 2));
        std::string code = compressed(runs_of(pixels, PixelOrder::column_major));
        for (std::size_t n = below(3); n > 0 && !code.empty(); --n) {
            const auto character = static_cast<char>(47 + below(66));
            const std::size_t at = below(code.size());
            switch (below(3)) {
                case 0:
                    code[at] = character;
                    break;
                case 1:
                    code.insert(at, 1, character);
                    break;
                default:
                    code.erase(at);
            }
        }
        const std::optional<RunLengths> runs = decompressed(code);
        const std::optional<Pixels> right =
            runs ? decoded(pixels.height, pixels.width, *runs, PixelOrder::column_major) : std::nullopt;
        const Hits found = scan_code({4, 5}, pixels.height, pixels.width, code, Rule::area);
        CHECK_EQUAL(found.outcome == Outcome::broken_mask, !right);
        if (right) CHECK(found == expected({4, 5}, *right, Rule::area));
        valid += right ? 1 : 0;
    }
    CHECK(valid > 1000 && valid < 3500);
}

TEST(numbers_may_be_written_longer_than_they_need) {
    // 16 is a group of 16 and one of 0, and may have up to six more.
    CHECK_EQUAL(outcome_of_code(4, 4, "0`PPPPPP0"), Outcome::counted);
}

TEST(a_code_of_many_blocks) {
    RunLengths runs;
    std::int64_t sum = 0;
    for (int i = 0; i < 3001; ++i) {
        runs.push_back((i * 7919) % (i % 100 == 0 ? 100003 : 61));
        sum += runs.back();
    }
    const Hits by_code = scan_code({30, 30}, sum, 1, compressed(runs), Rule::area);
    CHECK_EQUAL(by_code.outcome, Outcome::counted);
    CHECK(by_code == scan_runs({30, 30}, sum, 1, runs, Rule::area));
}

TEST(codes_and_runs_may_come_together) {
    const std::int64_t sizes[] = {2, 2, 2, 2};
    const std::string code = "040";
    const std::int64_t code_offsets[] = {0, 2, 2};
    const RunLengths runs{0, 2, 2};
    const std::int64_t run_offsets[] = {0, 0, 3};
    const std::vector<std::uint8_t> bytes(code.begin(), code.end());
    Masks masks;
    masks.sizes = sizes;
    masks.count = 2;
    masks.codes = bytes.data();
    masks.code_offsets = code_offsets;
    masks.runs = runs.data();
    masks.run_offsets = run_offsets;
    MaskScan scan({2, 2}, Rule::center);
    CHECK_EQUAL(scan.scan(masks, 0), Outcome::counted);
    CHECK_EQUAL(scan.runs().size(), std::size_t{2});
    CHECK_EQUAL(scan.runs().begin()[0].last - scan.runs().begin()[0].first, 2);
    CHECK_EQUAL(scan.scan(masks, 1), Outcome::counted);
    CHECK_EQUAL(scan.runs().begin()[0].last - scan.runs().begin()[0].first, 1);
}
