#include "heatgrid/count/box_batch.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "heatgrid/count/box_corners.hpp"
#include "heatgrid/count/image_adder.hpp"
#include "heatgrid/count/sink.hpp"
#include "heatgrid/grid/cells.hpp"

namespace heatgrid {
namespace {

// Rectangles of boxes, a block at a time: take(position, annotation, rectangle), or take_block(first, n,
// rectangles).
class BoxReader {
  public:
    BoxReader(const Boxes& boxes, const Cells& cells, const BoxOptions& options) noexcept
        : boxes_(boxes), cells_(cells), options_(options) {}

    template <class TakeBlock>
    void read(const Selection& selection, Tally& tally, const TakeBlock& take_block) {
        Rectangle rectangles[box_block];
        each_block<box_block>(
            selection, tally,
            [&](const Boxes& boxes, std::size_t begin, std::size_t n, Outcome* outcomes) {
                scan_boxes(boxes, begin, begin + n, cells_, options_, rectangles, outcomes);
            },
            [&](std::size_t begin, std::size_t n) {
                take_block(begin, n, static_cast<const Rectangle*>(rectangles));
            });
    }

    // Every box adds 1 at its corners.
    void add_to(CornerCounts& counts, const Selection& selection, Tally& tally) {
        each_block<corner_block>(
            selection, tally,
            [&](const Boxes& boxes, std::size_t begin, std::size_t n, Outcome* outcomes) {
                add_corners(boxes, begin, begin + n, cells_, counts, outcomes);
            },
            [](std::size_t, std::size_t) {});
    }

  private:
    template <std::size_t block, class Scan, class Take>
    void each_block(const Selection& selection, Tally& tally, const Scan& scan, const Take& take) {
        Outcome outcomes[block];
        const std::size_t most = selection.order ? box_block : block;
        for (std::size_t begin = selection.begin; begin < selection.end; begin += most) {
            const std::size_t n = std::min(most, selection.end - begin);
            if (selection.order) {
                scan(gather(selection.order + begin, n), 0, n, outcomes);
            } else {
                scan(boxes_, begin, n, outcomes);
            }
            selection.note_block(begin, n, outcomes, tally);
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
template <class Amounts>
Tally add_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options,
                const Planes<typename Amounts::Cell>& planes, const Amounts& amounts) {
    const Cells cells(planes.grid);
    return count_batch<Rectangle>(
        boxes.count, batch, planes, amounts, [&](const Selection& selection, auto& sink, Tally& tally) {
            const auto add_block = [&](std::size_t first, std::size_t n, const Rectangle* rectangles) {
                if (auto* const differences = sink.differences()) {
                    // The common case by itself: one plane, and 1 each.
                    if (std::is_same_v<Amounts, Ones> && !selection.labels) {
                        differences->add_all(rectangles, n, amounts(0));
                        return;
                    }
                    for (std::size_t i = 0; i < n; ++i) {
                        const std::size_t annotation = selection.annotation(first + i);
                        differences->add(selection.plane(annotation), rectangles[i], amounts(annotation));
                    }
                    return;
                }
                for (std::size_t i = 0; i < n; ++i) {
                    const std::size_t annotation = selection.annotation(first + i);
                    sink.add(selection.plane(annotation), rectangles[i], amounts(annotation));
                }
            };
            BoxReader reader(boxes, cells, options);
            if constexpr (std::is_same_v<Amounts, Ones>) {
                if (adds_corners(planes.grid, options) && sink.takes_corners()) {
                    reader.add_to(sink.corners(), selection, tally);
                    return;
                }
            }
            reader.read(selection, tally, add_block);
        });
}

Tally unite_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts) {
    const Cells cells(counts.grid);
    return count_batch<Rectangle>(
        boxes.count, batch, counts, Ones{}, [&](const Selection& selection, auto& sink, Tally& tally) {
            ImageAdder images(counts.grid, selection.end - selection.begin, sink);
            std::vector<Rectangle> begun;  // of an image that goes on in the next block
            const auto add_block = [&](std::size_t first, std::size_t n, const Rectangle* rectangles) {
                std::size_t end = 0;
                for (std::size_t start = 0; start < n; start = end) {
                    end = selection.image_end(first + start, first + n) - first;
                    const bool is_whole = selection.ends_image(first + end - 1);
                    if (is_whole && begun.empty()) {
                        images.add(rectangles + start, end - start);
                        continue;
                    }
                    begun.insert(begun.end(), rectangles + start, rectangles + end);
                    if (!is_whole) continue;
                    images.add(begun.data(), begun.size());
                    begun.clear();
                }
            };
            BoxReader(boxes, cells, options).read(selection, tally, add_block);
            images.finish();
        });
}

}  // namespace

Tally count_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts) {
    if (batch.images) return unite_boxes(boxes, batch, options, counts);
    return add_boxes(boxes, batch, options, counts, Ones{});
}

Tally sum_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Sums& sums) {
    const Weights weights = weights_of(batch, boxes.count);
    if (options.rule != Rule::area) return add_boxes(boxes, batch, options, sums, weights);
    const Cells cells(sums.grid);
    return count_batch<Rectangle>(boxes.count, batch, sums, weights,
                                  [&](const Selection& selection, auto& sink, Tally& tally) {
                                      for (std::size_t i = selection.begin; i < selection.end; ++i) {
                                          const std::size_t annotation = selection.annotation(i);
                                          const BoxCover cover = cover_box(boxes, annotation, cells);
                                          selection.note(annotation, cover.outcome, tally);
                                          for (std::size_t k = 0; k < cover.count; ++k) {
                                              sink.add(selection.plane(annotation), cover.pieces[k].cells,
                                                       weights.share(annotation, cover.pieces[k].fraction));
                                          }
                                      }
                                  });
}

}  // namespace heatgrid
