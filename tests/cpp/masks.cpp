#include "masks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <ostream>

namespace heatgrid::check {
namespace {

// Units of n * N: pixels are N long, cells n.
std::int64_t overlap(std::int64_t pixel, std::int64_t pixels, std::int64_t cell, std::int64_t cells) {
    const std::int64_t begin = std::max(pixel * cells, cell * pixels);
    const std::int64_t end = std::min((pixel + 1) * cells, (cell + 1) * pixels);
    return std::max<std::int64_t>(0, end - begin);
}

std::int64_t sampled(std::int32_t cell, std::int32_t cells, std::int64_t pixels) {
    const double center = (static_cast<double>(cell) + 0.5) / static_cast<double>(cells);
    return static_cast<std::int64_t>(std::floor(center * static_cast<double>(pixels)));
}

std::size_t cell_at(const Grid& grid, std::int32_t row, std::int32_t column) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
           static_cast<std::size_t>(column);
}

std::size_t cell_of_mean(const Grid& grid, const Pixels& pixels) {
    std::int64_t n = 0;
    std::int64_t x = 0;
    std::int64_t y = 0;
    for (std::int64_t row = 0; row < pixels.height; ++row) {
        for (std::int64_t column = 0; column < pixels.width; ++column) {
            if (!pixels.is_set(row, column)) continue;
            ++n;
            x += 2 * column + 1;
            y += 2 * row + 1;
        }
    }
    const auto cell = [n](std::int64_t sum, std::int64_t size, std::int32_t cells) {
        const double mean = static_cast<double>(sum) / static_cast<double>(2 * n * size);
        return std::min(cells - 1, static_cast<std::int32_t>(mean * cells));
    };
    return cell_at(grid, cell(y, pixels.height, grid.rows), cell(x, pixels.width, grid.columns));
}

// The area of a cell that is covered, in units of which a cell has h * w.
std::int64_t covered(const Grid& grid, const Pixels& pixels, std::int32_t r, std::int32_t c) {
    std::int64_t area = 0;
    for (std::int64_t row = 0; row < pixels.height; ++row) {
        const std::int64_t tall = overlap(row, pixels.height, r, grid.rows);
        if (tall == 0) continue;
        for (std::int64_t column = 0; column < pixels.width; ++column) {
            if (!pixels.is_set(row, column)) continue;
            area += tall * overlap(column, pixels.width, c, grid.columns);
        }
    }
    return area;
}

}  // namespace

Pixels pixels_of(const std::string& text) {
    Pixels pixels;
    for (const std::string& row : rows_of(text)) {
        ++pixels.height;
        pixels.width = static_cast<std::int64_t>(row.size());
        for (const char pixel : row) pixels.bytes.push_back(pixel == '.' ? 0 : 1);
    }
    return pixels;
}

Pixels drawn(std::mt19937& random, std::int64_t height, std::int64_t width, Texture texture) {
    Pixels pixels{height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width), 0)};
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    const auto h = static_cast<double>(height);
    const auto w = static_cast<double>(width);
    const double density = unit(random);
    const double x = unit(random) * w;
    const double y = unit(random) * h;
    const double radius = 0.6 * unit(random) * (h + w);
    for (std::int64_t row = 0; row < height; ++row) {
        const bool is_striped = unit(random) < 0.5;
        for (std::int64_t column = 0; column < width; ++column) {
            const double distance = std::hypot(static_cast<double>(column) - x, static_cast<double>(row) - y);
            const bool is_set = texture == Texture::noise     ? unit(random) < density
                                : texture == Texture::blobs   ? distance < radius && unit(random) < 0.98
                                : texture == Texture::stripes ? is_striped
                                : texture == Texture::dots    ? unit(random) < 0.02
                                                              : true;
            pixels.bytes[static_cast<std::size_t>(row * width + column)] = is_set ? 1 : 0;
        }
    }
    return pixels;
}

RunLengths runs_of(const Pixels& pixels, PixelOrder order) {
    const bool is_by_columns = order == PixelOrder::column_major;
    const std::int64_t lines = is_by_columns ? pixels.width : pixels.height;
    const std::int64_t length = is_by_columns ? pixels.height : pixels.width;
    RunLengths runs{0};
    bool last = false;
    for (std::int64_t line = 0; line < lines; ++line) {
        for (std::int64_t i = 0; i < length; ++i) {
            const bool is_set = is_by_columns ? pixels.is_set(i, line) : pixels.is_set(line, i);
            if (is_set != last) runs.push_back(0);
            last = is_set;
            ++runs.back();
        }
    }
    return runs;
}

std::string compressed(const RunLengths& runs) {
    std::string code;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::int64_t rest = i > 2 ? runs[i] - runs[i - 2] : runs[i];
        for (bool is_last = false; !is_last;) {
            const auto group = static_cast<char>(rest & 31);
            rest >>= 5;
            is_last = rest == ((group & 16) != 0 ? -1 : 0);
            code.push_back(static_cast<char>(48 + group + (is_last ? 0 : 32)));
        }
    }
    return code;
}

std::optional<Pixels> decoded(std::int64_t height, std::int64_t width, const RunLengths& runs,
                              PixelOrder order) {
    if (height < 1 || width < 1) return std::nullopt;
    Pixels pixels{height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width), 0)};
    const std::int64_t size = height * width;
    std::int64_t position = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (runs[i] < 0 || runs[i] > size - position) return std::nullopt;
        for (std::int64_t n = 0; n < runs[i]; ++n, ++position) {
            const std::int64_t at =
                order == PixelOrder::row_major ? position : position % height * width + position / height;
            pixels.bytes[static_cast<std::size_t>(at)] = i % 2 == 1 ? 1 : 0;
        }
    }
    return position == size ? std::optional(pixels) : std::nullopt;
}

std::optional<RunLengths> decompressed(const std::string& code) {
    RunLengths runs;
    for (std::size_t at = 0; at < code.size();) {
        std::int64_t number = 0;
        std::size_t first = at;
        for (bool is_last = false; !is_last; ++at) {
            if (at == code.size() || at - first == 8) return std::nullopt;
            const int group = static_cast<unsigned char>(code[at]) - 48;
            if (group < 0 || group > 63) return std::nullopt;
            is_last = (group & 32) == 0;
            // The last group's highest bit counts below zero.
            const std::int64_t value = (group & 31) - (is_last && (group & 16) != 0 ? 32 : 0);
            number += value * (std::int64_t{1} << (5 * (at - first)));
        }
        runs.push_back(runs.size() > 2 ? number + runs[runs.size() - 2] : number);
    }
    return runs;
}

Picture Hits::picture() const {
    const auto columns = static_cast<std::size_t>(grid.columns);
    Picture rows(static_cast<std::size_t>(grid.rows), std::string(columns, '.'));
    for (std::size_t cell = 0; cell < shares.size(); ++cell) {
        if (shares[cell] == 0.0) continue;
        rows[cell / columns][cell % columns] =
            shares[cell] >= 1.0 ? '+' : static_cast<char>('0' + static_cast<int>(shares[cell] * 10.0 + 1e-9));
    }
    return rows;
}

double Hits::sum() const { return std::accumulate(shares.begin(), shares.end(), 0.0); }

Hits expected(Grid grid, const Pixels& pixels, Rule rule) {
    Hits hits{Outcome::empty, grid, std::vector<double>(grid.cells(), 0.0)};
    const bool is_empty =
        std::all_of(pixels.bytes.begin(), pixels.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
    if (is_empty) return hits;
    hits.outcome = Outcome::counted;
    const auto whole = static_cast<double>(pixels.height * pixels.width);
    std::size_t cell = 0;
    for (std::int32_t r = 0; r < grid.rows && rule != Rule::point; ++r) {
        for (std::int32_t c = 0; c < grid.columns; ++c, ++cell) {
            double& share = hits.shares[cell];
            if (rule == Rule::center) {
                const bool is_hit = pixels.is_set(sampled(r, grid.rows, pixels.height),
                                                  sampled(c, grid.columns, pixels.width));
                share = is_hit ? 1.0 : 0.0;
            } else {
                const std::int64_t area = covered(grid, pixels, r, c);
                share = rule == Rule::area ? static_cast<double>(area) / whole : area > 0 ? 1.0 : 0.0;
            }
        }
    }
    if (hits.sum() > 0.0) return hits;
    if (rule == Rule::center) hits.outcome = Outcome::counted_as_point;
    hits.shares[cell_of_mean(grid, pixels)] = 1.0;
    return hits;
}

Hits scan(Grid grid, const Masks& masks, Rule rule) {
    MaskScan scan(grid, rule);
    Hits hits{scan.scan(masks, 0), grid, std::vector<double>(grid.cells(), 0.0)};
    const auto add = [&hits](std::int32_t row, std::int32_t column, double share) {
        double& cell = hits.shares.at(cell_at(hits.grid, row, column));
        hits.is_disjoint &= cell == 0.0;
        cell += share;
    };
    for (const Run& run : scan.runs()) {
        hits.is_disjoint &= run.first < run.last && run.last <= grid.columns;
        for (std::int32_t c = run.first; c < run.last; ++c) add(run.row, c, 1.0);
    }
    for (const PartialCell& cell : scan.partial_cells()) {
        hits.is_disjoint &= rule == Rule::area && cell.fraction > 0.0 && cell.fraction < 1.0;
        add(cell.row, cell.column, cell.fraction);
    }
    return hits;
}

Hits scan(Grid grid, const Pixels& pixels, Rule rule) {
    return scan_runs(grid, pixels.height, pixels.width, runs_of(pixels, PixelOrder::column_major), rule);
}

Hits scan_runs(Grid grid, std::int64_t height, std::int64_t width, const RunLengths& runs, Rule rule,
               PixelOrder order) {
    const std::int64_t size[2] = {height, width};
    const std::int64_t offsets[2] = {0, static_cast<std::int64_t>(runs.size())};
    Masks masks;
    masks.sizes = size;
    masks.count = 1;
    masks.runs = runs.data();
    masks.run_offsets = offsets;
    masks.order = order;
    return scan(grid, masks, rule);
}

Hits scan_code(Grid grid, std::int64_t height, std::int64_t width, const std::string& code, Rule rule,
               PixelOrder order) {
    const std::int64_t size[2] = {height, width};
    const std::int64_t offsets[2] = {0, static_cast<std::int64_t>(code.size())};
    // Exactly as long as the code, so that the sanitizer sees a read past its end.
    const std::vector<std::uint8_t> bytes(code.begin(), code.end());
    Masks masks;
    masks.sizes = size;
    masks.count = 1;
    masks.codes = bytes.data();
    masks.code_offsets = offsets;
    masks.order = order;
    return scan(grid, masks, rule);
}

std::vector<Form> scan_forms(Grid grid, const Pixels& pixels, Rule rule) {
    const std::int64_t h = pixels.height;
    const std::int64_t w = pixels.width;
    std::vector<Form> forms;
    for (const PixelOrder order : {PixelOrder::row_major, PixelOrder::column_major}) {
        const std::string by = order == PixelOrder::row_major ? " by rows" : " by columns";
        const RunLengths runs = runs_of(pixels, order);
        forms.push_back({"runs" + by, scan_runs(grid, h, w, runs, rule, order)});
        forms.push_back({"code" + by, scan_code(grid, h, w, compressed(runs), rule, order)});
    }
    // Bitmaps: strides down and to the right, and the byte that the first pixel is at.
    struct Layout {
        const char* name;
        std::int64_t row_stride, column_stride, first;
    };
    const std::int64_t size = h * w;
    for (const Layout& layout :
         {Layout{"bitmap by rows", w, 1, 0}, Layout{"bitmap by columns", 1, h, 0},
          Layout{"bitmap with gaps", 2 * w, 2, 0}, Layout{"bitmap upside down", -w, 1, size - w},
          Layout{"bitmap turned round", -1, -h, size - 1}}) {
        std::vector<std::uint8_t> bytes(
            static_cast<std::size_t>(layout.row_stride == 2 * w ? 4 * size : size));
        for (std::int64_t row = 0; row < h; ++row) {
            for (std::int64_t column = 0; column < w; ++column) {
                const std::int64_t at =
                    layout.first + row * layout.row_stride + column * layout.column_stride;
                // Whatever is not 0 is set.
                bytes[static_cast<std::size_t>(at)] =
                    pixels.is_set(row, column) ? static_cast<std::uint8_t>(1 + at % 255) : 0;
            }
        }
        const std::int64_t sizes[2] = {h, w};
        const Bitmap bitmap{bytes.data() + layout.first, layout.row_stride, layout.column_stride};
        Masks masks;
        masks.sizes = sizes;
        masks.count = 1;
        masks.bitmaps = &bitmap;
        forms.push_back({layout.name, scan(grid, masks, rule)});
    }
    return forms;
}

}  // namespace heatgrid::check
