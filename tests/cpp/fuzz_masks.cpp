// libFuzzer: any bytes become a mask, as a code, runs or pixels, whose hits must equal the definition's; and
// codes and runs of any size, which must be refused or hit disjoint cells of the grid.
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "masks.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::PixelOrder;
using heatgrid::Rule;

namespace {

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

void check_pixels(const Grid& grid, Pixels pixels, const std::string& bytes, Rule rule) {
    pixels.bytes.resize(static_cast<std::size_t>(pixels.height * pixels.width), 0);
    for (std::size_t i = 0; i < pixels.bytes.size() && i / 8 < bytes.size(); ++i) {
        pixels.bytes[i] = static_cast<std::uint8_t>(bytes[i / 8] >> i % 8 & 1);
    }
    const Hits right = expected(grid, pixels, rule);
    for (const Form& form : scan_forms(grid, pixels, rule)) {
        require(form.hits == right, "every form hits the cells of the definition");
    }
}

// Compares small masks with the definition; checks that the hits of others are disjoint.
void check_hits(const Hits& found, std::int64_t height, std::int64_t width, const RunLengths* runs,
                PixelOrder order, Rule rule) {
    require(found.is_disjoint, "no cell is hit twice");
    const bool is_hit = found.outcome == Outcome::counted || found.outcome == Outcome::counted_as_point;
    require(is_hit == (found.sum() > 0.0), "a counted mask hits a cell");
    if (height > 64 || width > 64) return;
    const std::optional<Pixels> pixels = runs ? decoded(height, width, *runs, order) : std::nullopt;
    require(pixels.has_value() == (found.outcome != Outcome::broken_mask),
            "invalid is what cannot be decoded");
    if (pixels) require(found == expected(found.grid, *pixels, rule), "runs hit the cells of the definition");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t head = 8;
    if (size < head) return 0;
    const Grid grid{1 + data[0] % 24, 1 + data[1] % 80};
    const auto rule = static_cast<Rule>(data[2] % 4);
    const PixelOrder order = data[3] & 1 ? PixelOrder::row_major : PixelOrder::column_major;
    std::int64_t height = data[4] % 65;
    std::int64_t width = data[5] % 65;
    if (data[3] & 2) height <<= data[6] % 40;
    if (data[3] & 4) width <<= data[7] % 40;
    const std::string bytes(reinterpret_cast<const char*>(data + head), size - head);
    switch (data[3] >> 3 & 3) {
        case 0:
            check_pixels(grid, {1 + height % 64, 1 + width % 64}, bytes, rule);
            break;
        case 1: {
            RunLengths runs(bytes.size() / sizeof(std::int64_t));
            if (!runs.empty()) std::memcpy(runs.data(), bytes.data(), runs.size() * sizeof(std::int64_t));
            // Mostly small numbers, and the rest of the sum.
            std::int64_t rest = height < 1 << 30 && width < 1 << 30 ? height * width : 0;
            for (std::int64_t& run : runs) {
                if ((run & 0xF00) != 0) run &= 0xFF;
                if (run >= 0 && run <= rest) rest -= run;
            }
            if (data[3] & 32) runs.push_back(rest);
            check_hits(scan_runs(grid, height, width, runs, rule, order), height, width, &runs, order, rule);
            break;
        }
        default: {
            const std::optional<RunLengths> runs = decompressed(bytes);
            check_hits(scan_code(grid, height, width, bytes, rule, order), height, width,
                       runs ? &*runs : nullptr, order, rule);
        }
    }
    return 0;
}
