#include "ways.hpp"

#include "fuzz_input.hpp"

namespace heatgrid::check {
namespace {

enum class Mode : std::uint8_t { instances, images, weights, areas };

template <class Cell>
void append(Words& words, const Result<Cell>& result) {
    for (const Outcome outcome : result.outcomes) words.push_back(static_cast<std::uint64_t>(outcome));
    for (const Cell value : result.values) {
        std::uint64_t word = 0;
        static_assert(sizeof word == sizeof value);
        std::memcpy(&word, &value, sizeof word);
        words.push_back(word);
    }
}

template <class Value>
std::vector<Value> some(const std::vector<Value>& values, std::size_t first, std::size_t last) {
    if (values.empty()) return {};
    return {values.begin() + static_cast<std::ptrdiff_t>(first),
            values.begin() + static_cast<std::ptrdiff_t>(last)};
}

template <class Shape>
Counted count_in_pieces(Grid grid, const std::vector<Shape>& shapes, const Options& options,
                        std::size_t piece) {
    if (piece == 0 || !options.images.empty()) return count(grid, shapes, options);
    Counted all;
    all.grid = grid;
    all.values.assign(grid.cells() * options.classes, 0);
    for (std::size_t first = 0; first < shapes.size(); first += piece) {
        const std::size_t last = std::min(first + piece, shapes.size());
        Options own = options;
        own.labels = some(options.labels, first, last);
        const Counted found = count(grid, some(shapes, first, last), own);
        for (std::size_t cell = 0; cell < all.values.size(); ++cell) all.values[cell] += found.values[cell];
        all.outcomes.insert(all.outcomes.end(), found.outcomes.begin(), found.outcomes.end());
    }
    return all;
}

template <class Shape, class Take>
Words count_shapes(Bytes& bytes, Grid grid, Options options, Mode mode, std::size_t piece, const Take& take) {
    const std::vector<Shape> shapes = take_all<Shape>(bytes, take);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (options.classes > 1) options.labels.push_back(static_cast<std::int64_t>(i % options.classes));
        if (mode == Mode::images) options.images.push_back(static_cast<std::int64_t>(i * i % 5));
        if (mode == Mode::weights) options.weights.push_back(0.1 * static_cast<double>(i % 7) - 0.2);
    }
    Words words;
    if (mode == Mode::weights || options.rule == Rule::area) {
        append(words, sum(grid, shapes, options));
    } else {
        append(words, count_in_pieces(grid, shapes, options, piece));
    }
    return words;
}

}  // namespace

Words count_bytes(const std::uint8_t* data, std::size_t size, std::size_t threads, std::size_t piece) {
    Bytes bytes(data, size);
    const Grid grid = take_grid(bytes);
    Options options;
    options.threads = threads;
    options.collects = threads == 5;
    options.classes = static_cast<std::size_t>(bytes.from_1_to(3));
    options.rule = static_cast<Rule>(bytes.take<std::uint8_t>() % 3);
    const auto choice = bytes.take<std::uint8_t>();
    const auto mode = static_cast<Mode>(choice % 4);
    if (choice & 64) options.large_box_ratio = 0.25;
    if (choice & 128) options.outside = OutsidePoints::clamp;
    const int kind = bytes.take<std::uint8_t>() % 7;
    if (mode == Mode::areas) {
        options.rule = Rule::area;
        options.large_box_ratio = BoxOptions{}.large_box_ratio;
    }
    switch (kind) {
        case 0:
            return count_shapes<Box>(bytes, grid, options, mode, piece, take_box);
        case 1:
            return count_shapes<Polygon>(bytes, grid, options, mode, piece, take_polygon);
        case 2:
            return count_shapes<Line>(bytes, grid, options, mode, piece, take_line);
        case 3:
            return count_shapes<Polygon>(bytes, grid, options, mode, piece, take_oriented_box);
        case 4:
            return count_shapes<Disc>(bytes, grid, options, mode, piece, take_disc);
        case 5:
            return count_shapes<Mask>(bytes, grid, options, mode, piece, take_mask);
        default:
            return count_shapes<Point>(bytes, grid, options, mode, piece, take_point);
    }
}

}  // namespace heatgrid::check
