#include "heatgrid/count/count_boxes.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "heatgrid/count/accumulator.hpp"
#include "heatgrid/count/box_corners.hpp"
#include "heatgrid/count/image_union.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t steps_per_box = 20;

// Reads boxes in blocks: take_block(first, n, rectangles).
class BoxReader {
  public:
    BoxReader(const Boxes& boxes, const Cells& cells, const BoxOptions& options) noexcept
        : boxes_(boxes), cells_(cells), options_(options) {}

    template <class TakeBlock>
    void read(const WorkRange& range, const TakeBlock& take_block) {
        Rectangle rectangles[box_block];
        each_block<box_block>(
            range,
            [&](const Boxes& boxes, std::size_t begin, std::size_t n, Outcome* outcomes) {
                scan_boxes(boxes, begin, begin + n, cells_, options_, rectangles, outcomes);
            },
            [&](std::size_t begin, std::size_t n) {
                take_block(begin, n, static_cast<const Rectangle*>(rectangles));
            });
    }

    // Every box adds 1 at its corners.
    void add_to(DifferenceGrid<std::uint32_t>& counts, const WorkRange& range) {
        each_block<corner_block>(
            range,
            [&](const Boxes& boxes, std::size_t begin, std::size_t n, Outcome* outcomes) {
                add_corners(boxes, begin, begin + n, cells_, counts, outcomes);
            },
            [](std::size_t, std::size_t) {});
    }

  private:
    // Scattered boxes are gathered, and their outcomes scattered.
    template <std::size_t block, class Scan, class Take>
    void each_block(const WorkRange& range, const Scan& scan, const Take& take) {
        const std::size_t most = range.order ? box_block : block;
        Checkpoint check;
        for (std::size_t begin = range.begin; begin < range.end; begin += most) {
            const std::size_t n = std::min(most, range.end - begin);
            check(steps_per_box * n);
            if (range.order) {
                const std::size_t* const order = range.order + begin;
                Outcome outcomes[box_block];
                scan(gather(order, n), 0, n, outcomes);
                for (std::size_t i = 0; i < n; ++i) range.outcomes[order[i]] = outcomes[i];
            } else {
                scan(boxes_, begin, n, range.outcomes + begin);
            }
            take(begin, n);
        }
    }

    Boxes gather(const std::size_t* order, std::size_t n) noexcept {
        const std::size_t stride = boxes_.sizes.stride;
        for (std::size_t i = 0; i < n; ++i) {
            std::copy_n(boxes_.corners + 4 * order[i], 4, corners_ + 4 * i);
            if (stride) std::copy_n(boxes_.sizes.pairs + stride * order[i], 2, sizes_ + 2 * i);
        }
        return {corners_, n, {stride ? sizes_ : boxes_.sizes.pairs, stride}};
    }

    const Boxes& boxes_;
    const Cells& cells_;
    const BoxOptions& options_;
    double corners_[4 * box_block];
    double sizes_[2 * box_block];
};

// Every box adds its amount to its rectangle.
template <class Amounts, class Accumulator>
void add_boxes(BoxReader& reader, const WorkRange& range, const Amounts& amounts, Accumulator& accumulator) {
    reader.read(range, [&](std::size_t first, std::size_t n, const Rectangle* rectangles) {
        const auto plane_of = [=](std::size_t i) { return range.plane(range.annotation(first + i)); };
        const auto amount_of = [=](std::size_t i) { return amounts(range.annotation(first + i)); };
        if (auto* const differences = accumulator.differences()) {
            differences->add_each(rectangles, n, plane_of, amount_of);
            return;
        }
        for (std::size_t i = 0; i < n; ++i) accumulator.add(plane_of(i), rectangles[i], amount_of(i));
    });
}

// The boxes of an image add 1 together.
template <class Accumulator>
void add_images(BoxReader& reader, const WorkRange& range, Grid grid, Accumulator& accumulator) {
    ImageUnion images(grid, accumulator);
    std::vector<Rectangle> begun;  // of an image that continues in the next block
    reader.read(range, [&](std::size_t first, std::size_t n, const Rectangle* rectangles) {
        std::size_t end = 0;
        for (std::size_t start = 0; start < n; start = end) {
            end = range.image_end(first + start, first + n) - first;
            const bool is_whole = range.ends_image(first + end - 1);
            if (is_whole && begun.empty()) {
                images.add(rectangles + start, end - start);
                continue;
            }
            begun.insert(begun.end(), rectangles + start, rectangles + end);
            if (!is_whole) continue;
            images.add(begun.data(), begun.size());
            begun.clear();
        }
    });
    images.finish();
}

// Every box adds to each cell its amount times the share of the cell that it covers.
template <class Accumulator>
void add_covers(const Boxes& boxes, const Cells& cells, const WorkRange& range, Accumulator& accumulator) {
    Checkpoint check;
    for (std::size_t i = range.begin; i < range.end; ++i) {
        check(steps_per_box);
        const std::size_t annotation = range.annotation(i);
        const BoxCover cover = cover_box(boxes, annotation, cells);
        range.outcomes[annotation] = cover.outcome;
        for (std::size_t k = 0; k < cover.count; ++k) {
            accumulator.add(range.plane(annotation), cover.parts[k].cells,
                            accumulator.amounts().share(annotation, cover.parts[k].fraction));
        }
    }
}

}  // namespace

template <class Cell>
void count_boxes(const Boxes& boxes, const BoxOptions& options, const Batch& batch,
                 const Planes<Cell>& planes) {
    const Cells cells(planes.grid);
    const auto amounts = amounts_of<Cell>(batch);
    count_batch<Rectangle>(batch, planes, amounts, [&](const WorkRange& range, auto& accumulator) {
        BoxReader reader(boxes, cells, options);
        if constexpr (std::is_integral_v<Cell>) {
            if (range.images) {
                add_images(reader, range, planes.grid, accumulator);
                return;
            }
            if (accumulator.classes() == 1 && accumulator.differences() &&
                adds_corners(planes.grid, options)) {
                reader.add_to(*accumulator.differences(), range);
                return;
            }
        } else if (options.rule == Rule::area) {
            add_covers(boxes, cells, range, accumulator);
            return;
        }
        add_boxes(reader, range, amounts, accumulator);
    });
}

template void count_boxes(const Boxes&, const BoxOptions&, const Batch&, const Counts&);
template void count_boxes(const Boxes&, const BoxOptions&, const Batch&, const Sums&);

}  // namespace heatgrid
