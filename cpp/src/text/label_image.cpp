#include "heatgrid/text/label_image.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "heatgrid/simd/bits.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

struct Interval {       // from the end of the one before
    std::size_t label;  // its index, in order of appearance
    std::size_t end;
};

struct Extent {
    std::int64_t label;
    std::size_t intervals = 0;
    std::size_t left, top, right = 0, bottom = 0;
};

// Index of each label that occurred: a table of the numbers of up to 16 bits, else a hash table.
template <class Pixel>
class LabelIndex {
  public:
    // Returns the index of a label, which is `next` if it is new.
    std::size_t find(Pixel label, std::size_t next) {
        if constexpr (is_small) {
            std::uint32_t& index = index_of_[label];
            if (index == 0) index = static_cast<std::uint32_t>(next) + 1;
            return index - 1;
        } else {
            return index_of_.try_emplace(label, next).first->second;
        }
    }

  private:
    static constexpr bool is_small = sizeof(Pixel) <= 2;
    using Table =
        std::conditional_t<is_small, std::vector<std::uint32_t>, std::unordered_map<Pixel, std::size_t>>;

    static Table empty() {
        if constexpr (is_small)
            return Table(std::size_t{1} << 8 * sizeof(Pixel));
        else
            return {};
    }

    Table index_of_ = empty();
};

// Returns the end of the pixels equal to the first.
template <class Pixel>
const Pixel* end_of_equal(const Pixel* pixel, const Pixel* end) noexcept {
    constexpr std::size_t step = sizeof(std::uint64_t) / sizeof(Pixel);
    const Pixel value = *pixel;
    Pixel values[step];
    std::fill_n(values, step, value);
    std::uint64_t equal;
    std::memcpy(&equal, values, sizeof equal);
    ++pixel;
    while (static_cast<std::size_t>(end - pixel) >= step) {
        std::uint64_t word;
        std::memcpy(&word, pixel, sizeof word);
        if (const std::uint64_t different = word ^ equal) {
            if (!first_byte_is_lowest) break;
            return pixel + static_cast<std::size_t>(lowest_bit(different)) / (8 * sizeof(Pixel));
        }
        pixel += step;
    }
    while (pixel != end && *pixel == value) ++pixel;
    return pixel;
}

}  // namespace

template <class Pixel>
LabelMasks label_masks(const Pixel* pixels, std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const Pixel* const end = pixels + count;
    Column<Interval> intervals;
    std::vector<Extent> extents;
    LabelIndex<Pixel> index;
    Checkpoint check;
    std::size_t top = 0;  // row of the interval's first pixel
    std::size_t row_end = width;
    for (std::size_t first = 0; first != count;) {
        const Pixel* const pixel = pixels + first;
        const auto next = static_cast<std::size_t>(end_of_equal(pixel, end) - pixels);
        const std::size_t label = index.find(*pixel, extents.size());
        if (label == extents.size()) extents.push_back({static_cast<std::int64_t>(*pixel), 0, width, height});
        Extent& extent = extents[label];
        ++extent.intervals;
        extent.top = std::min(extent.top, top);
        if (next <= row_end) {
            const std::size_t row_begin = row_end - width;
            extent.left = std::min(extent.left, first - row_begin);
            extent.right = std::max(extent.right, next - row_begin);
        } else {
            top = (next - 1) / width;
            row_end = (top + 1) * width;
            extent.left = 0;
            extent.right = width;
        }
        extent.bottom = top + 1;
        if (next == row_end) {
            ++top;
            row_end += width;
        }
        intervals.push({label, next});
        check(next - first);
        first = next;
    }

    std::vector<std::size_t> order(extents.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return extents[a].label < extents[b].label; });
    LabelMasks masks;
    std::vector<std::size_t> place(extents.size());  // of each label's next run
    std::size_t runs = 0;
    for (const std::size_t i : order) {
        const Extent& extent = extents[i];
        masks.labels.push(extent.label);
        masks.offsets.push(static_cast<std::int64_t>(runs));
        place[i] = runs;
        runs += 2 * extent.intervals + 1;
        for (const std::size_t side : {extent.left, extent.top, extent.right, extent.bottom}) {
            masks.boxes.push(static_cast<double>(side));
        }
    }
    masks.offsets.push(static_cast<std::int64_t>(runs));
    std::int64_t* const lengths = masks.runs.extend(runs);
    std::vector<std::size_t> before(extents.size());  // end of each label's last interval
    std::size_t begin = 0;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        const Interval interval = intervals[i];
        std::size_t& at = place[interval.label];
        lengths[at++] = static_cast<std::int64_t>(begin - before[interval.label]);
        lengths[at++] = static_cast<std::int64_t>(interval.end - begin);
        before[interval.label] = interval.end;
        begin = interval.end;
    }
    for (std::size_t i = 0; i < place.size(); ++i) {
        lengths[place[i]] = static_cast<std::int64_t>(count - before[i]);
    }
    return masks;
}

template LabelMasks label_masks(const std::uint8_t*, std::size_t, std::size_t);
template LabelMasks label_masks(const std::uint16_t*, std::size_t, std::size_t);
template LabelMasks label_masks(const std::uint32_t*, std::size_t, std::size_t);
template LabelMasks label_masks(const std::int64_t*, std::size_t, std::size_t);

}  // namespace heatgrid
