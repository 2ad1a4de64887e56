#include "heatgrid/shapes/mask.hpp"

#include <algorithm>
#include <cstring>

#include "heatgrid/shapes/run_code.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t steps_per_run = 10;

std::uint64_t word_at(const std::uint8_t* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// The first nonzero byte of begin .. end - 1, or end.
const std::uint8_t* first_set(const std::uint8_t* begin, const std::uint8_t* end) noexcept {
    for (; end - begin >= 32; begin += 32) {
        if (word_at(begin) | word_at(begin + 8) | word_at(begin + 16) | word_at(begin + 24)) break;
    }
    while (begin != end && *begin == 0) ++begin;
    return begin;
}

// The first zero byte, or end.
const std::uint8_t* first_clear(const std::uint8_t* begin, const std::uint8_t* end) noexcept {
    const void* found = begin == end ? nullptr : std::memchr(begin, 0, static_cast<std::size_t>(end - begin));
    return found ? static_cast<const std::uint8_t*>(found) : end;
}

// Sums over set pixels, exact below 2^53.
struct Moments {
    double pixels = 0.0;
    double lines = 0.0;  // twice the sum of their centers' places across lines
    double along = 0.0;  // and along lines

    void add(const PixelBlock& block) noexcept {
        const double count =
            static_cast<double>(block.last_line - block.line) * static_cast<double>(block.last - block.first);
        pixels += count;
        lines += static_cast<double>(block.line + block.last_line) * count;
        along += static_cast<double>(block.first + block.last) * count;
    }
};

}  // namespace

MaskScan::MaskScan(Grid grid, Rule rule)
    : cells_(grid),
      rule_(rule),
      columns_(cells_.x),
      rows_(cells_.y),
      column_runs_(grid),
      touched_rows_(rule == Rule::touch ? grid : Grid{}),
      touched_columns_(rule == Rule::touch ? Grid{grid.columns, grid.rows} : Grid{}) {}

Outcome MaskScan::scan(const Masks& masks, std::size_t annotation) {
    runs_.clear();
    partial_cells_.clear();
    if (!load(masks, annotation)) return Outcome::broken_mask;
    bool is_valid = false;
    switch (rule_) {
        case Rule::center:
            is_valid = sample(masks, annotation);
            break;
        case Rule::touch:
            is_valid = touch(masks, annotation);
            break;
        case Rule::area:
            is_valid = cover(masks, annotation);
            break;
        case Rule::point:
            return hit_mean(masks, annotation);
    }
    if (!is_valid) {
        runs_.clear();
        partial_cells_.clear();
        return Outcome::broken_mask;
    }
    if (!runs_.empty() || !partial_cells_.empty()) return Outcome::counted;
    return rule_ == Rule::center ? hit_mean(masks, annotation) : Outcome::empty;
}

bool MaskScan::is_valid_mask(const Masks& masks, std::size_t annotation) {
    if (!load(masks, annotation)) return false;
    is_sampled_ = true;
    return masks.bitmaps || read(masks, annotation, [](const PixelBlock&) {});
}

bool MaskScan::load(const Masks& masks, std::size_t annotation) noexcept {
    const std::int64_t height = masks.sizes[2 * annotation];
    const std::int64_t width = masks.sizes[2 * annotation + 1];
    if (height < 1 || width < 1 || height > max_pixels_per_axis || width > max_pixels_per_axis) return false;
    rows_.set_pixels(height);
    columns_.set_pixels(width);
    size_ = height * width;
    if (masks.bitmaps) {
        const Bitmap& bitmap = masks.bitmaps[annotation];
        is_by_columns_ = bitmap.row_stride == 1 && bitmap.column_stride != 1;
    } else {
        is_by_columns_ = masks.order == PixelOrder::column_major;
    }
    lines_ = is_by_columns_ ? &columns_ : &rows_;
    along_ = is_by_columns_ ? &rows_ : &columns_;
    return true;
}

// Hits the cells whose center lies in a set pixel; whether the mask is valid.
bool MaskScan::sample(const Masks& masks, std::size_t annotation) {
    is_sampled_ = true;
    const bool is_valid = read(masks, annotation, [this](const PixelBlock& block) {
        const bool is_line = block.line == line_ && block.last_line == line_ + 1;
        place({is_line ? first_cell_ : lines_->centers_before(block.line),
               is_line ? last_cell_ : lines_->centers_before(block.last_line),
               along_->centers_before(block.first), along_->centers_before(block.last)});
    });
    column_runs_.finish(runs_);
    return is_valid;
}

// Hits the cells that set pixels overlap.
bool MaskScan::touch(const Masks& masks, std::size_t annotation) {
    is_sampled_ = false;
    CellSet& touched = is_by_columns_ ? touched_columns_ : touched_rows_;
    std::int64_t line = -1;
    std::int32_t end = 0;  // of the cells that were inserted for this line, so that none is inserted twice
    const bool is_valid = read(masks, annotation, [&](const PixelBlock& block) {
        if (block.line != line) end = 0;
        line = block.line;
        const std::int32_t first = std::max(end, along_->edge(block.first).cell);
        end = along_->edge(block.last).last_touched();
        if (first >= end) return;
        const std::int32_t last_line = lines_->edge(block.last_line).last_touched();
        check_(static_cast<std::size_t>(last_line - lines_->edge(block.line).cell) *
               (4 + static_cast<std::size_t>(end - first) / 64));
        for (std::int32_t i = lines_->edge(block.line).cell; i < last_line; ++i) {
            touched.insert({i, first, end});
        }
    });
    touched.consume_runs([this](const Run& run) { place({run.row, run.row + 1, run.first, run.last}); });
    column_runs_.finish(runs_);
    return is_valid;
}

// Finds the exact share of each covered cell.
bool MaskScan::cover(const Masks& masks, std::size_t annotation) {
    is_sampled_ = false;
    const std::int64_t whole = size_;
    const auto take = [this, whole](const CellBlock& cells, std::int64_t area) {
        if (area == whole) {
            place(cells);
            return;
        }
        const double fraction = static_cast<double>(area) / static_cast<double>(whole);
        for (std::int32_t line = cells.line; line < cells.last_line; ++line) {
            for (std::int32_t cell = cells.first; cell < cells.last; ++cell) {
                partial_cells_.push_back(is_by_columns_ ? PartialCell{cell, line, fraction}
                                                        : PartialCell{line, cell, fraction});
            }
        }
    };
    coverage_.begin(*lines_, *along_);
    const bool is_valid =
        read(masks, annotation, [&](const PixelBlock& block) { coverage_.add(block, take); });
    coverage_.finish(take);
    column_runs_.finish(runs_);
    return is_valid;
}

// The cell of the mean of the set pixels' centers.
Outcome MaskScan::hit_mean(const Masks& masks, std::size_t annotation) {
    is_sampled_ = false;
    Moments sum;
    if (!read(masks, annotation, [&sum](const PixelBlock& block) { sum.add(block); })) {
        return Outcome::broken_mask;
    }
    if (sum.pixels == 0.0) return Outcome::empty;
    const double x = is_by_columns_ ? sum.lines : sum.along;
    const double y = is_by_columns_ ? sum.along : sum.lines;
    const double twice = 2.0 * sum.pixels;
    const std::int32_t row = cells_.y.cell_of(y / (twice * static_cast<double>(rows_.pixels())));
    const std::int32_t column = cells_.x.cell_of(x / (twice * static_cast<double>(columns_.pixels())));
    runs_.push_back({row, column, column + 1});
    return rule_ == Rule::point ? Outcome::counted : Outcome::counted_as_point;
}

// Hits cells, none of which was hit before.
void MaskScan::place(const CellBlock& cells) {
    if (cells.line == cells.last_line || cells.first == cells.last) return;
    if (is_by_columns_) {
        column_runs_.add({cells.line, cells.last_line, cells.first, cells.last}, runs_);
    } else {
        for (std::int32_t row = cells.line; row < cells.last_line; ++row) {
            runs_.push_back({row, cells.first, cells.last});
        }
    }
}

// Moves to the first relevant line from that of `pixel` on, which lies past the current line.
void MaskScan::seek(std::int64_t pixel) noexcept {
    if (!is_sampled_) {
        begin_line(pixel < line_end_ + along_->pixels() ? line_ + 1 : pixel / along_->pixels());
        return;
    }
    sample_line(last_cell_);
    if (pixel >= line_end_) sample_line(lines_->centers_before(pixel / along_->pixels()));
}

// Moves to the line at the center of a cell.
void MaskScan::sample_line(std::int32_t cell) noexcept {
    begin_line(lines_->pixel_at_center(cell));
    first_cell_ = cell;
    while (cell < lines_->cells() && lines_->pixel_at_center(cell) == line_) ++cell;
    last_cell_ = cell;
}

void MaskScan::begin_line(std::int64_t line) noexcept {
    line_ = line;
    line_begin_ = line * along_->pixels();
    line_end_ = line_begin_ + along_->pixels();
}

// Calls take(block) for the relevant set pixels, line by line; whether the mask is valid.
template <class Take>
bool MaskScan::read(const Masks& masks, std::size_t annotation, Take&& take) {
    if (is_sampled_) {
        sample_line(0);
    } else {
        begin_line(0);
    }
    if (masks.bitmaps) {
        read_bitmap(masks.bitmaps[annotation], take);
        return true;
    }
    position_ = 0;
    is_set_ = false;
    if (masks.codes && masks.code_offsets[annotation] < masks.code_offsets[annotation + 1]) {
        RunCode code(masks.codes + masks.code_offsets[annotation],
                     masks.codes + masks.code_offsets[annotation + 1]);
        std::int64_t counts[RunCode::block];
        while (const std::size_t size = code.read(counts)) {
            check_(steps_per_run * size);
            if (!read_runs(counts, size, take)) return false;
        }
        return !code.is_broken() && position_ == size_;
    }
    if (!masks.runs) return false;
    const std::int64_t* const runs = masks.runs + masks.run_offsets[annotation];
    const auto size =
        static_cast<std::size_t>(masks.run_offsets[annotation + 1] - masks.run_offsets[annotation]);
    for (std::size_t done = 0; done < size; done += RunCode::block) {
        const std::size_t count = std::min(RunCode::block, size - done);
        check_(steps_per_run * count);
        if (!read_runs(runs + done, count, take)) return false;
    }
    return position_ == size_;
}

// Reads alternating runs of clear and set pixels; false if they are more than the mask has.
template <class Take>
bool MaskScan::read_runs(const std::int64_t* counts, std::size_t size, Take&& take) {
    std::int64_t position = position_;
    bool is_set = is_set_;
    for (std::size_t i = 0; i < size; ++i) {
        const std::int64_t count = counts[i];
        if (static_cast<std::uint64_t>(count) > static_cast<std::uint64_t>(size_ - position)) return false;
        const std::int64_t begin = position;
        position += count;
        if (is_set && position > line_begin_ && count > 0) read_run(begin, position, take);
        is_set = !is_set;
    }
    position_ = position;
    is_set_ = is_set;
    return true;
}

// Set pixels begin .. end - 1.
template <class Take>
void MaskScan::read_run(std::int64_t begin, std::int64_t end, Take&& take) {
    const std::int64_t length = along_->pixels();
    if (begin >= line_end_) seek(begin);
    if (end <= line_begin_) return;
    if (end <= line_end_) {
        take(PixelBlock{line_, line_ + 1, std::max<std::int64_t>(0, begin - line_begin_), end - line_begin_});
        return;
    }
    std::int64_t line = begin / length;
    const std::int64_t last_line = end / length;
    const std::int64_t first = begin - line * length;
    const std::int64_t last = end - last_line * length;
    if (first > 0) {
        take(PixelBlock{line, line + 1, first, length});
        ++line;
    }
    if (line < last_line) take(PixelBlock{line, last_line, 0, length});
    if (last > 0) take(PixelBlock{last_line, last_line + 1, 0, last});
    seek(end);
}

template <class Take>
void MaskScan::read_bitmap(const Bitmap& bitmap, Take&& take) {
    const std::int64_t line_stride = is_by_columns_ ? bitmap.column_stride : bitmap.row_stride;
    const std::int64_t stride = is_by_columns_ ? bitmap.row_stride : bitmap.column_stride;
    const std::int64_t length = along_->pixels();
    if (stride != 1) adjacent_.resize(static_cast<std::size_t>(length));
    for (; line_ < lines_->pixels(); seek(line_end_)) {
        check_(static_cast<std::size_t>(length));
        const std::uint8_t* pixels = bitmap.pixels + line_ * line_stride;
        if (stride != 1) {
            for (std::int64_t i = 0; i < length; ++i) {
                adjacent_[static_cast<std::size_t>(i)] = pixels[i * stride];
            }
            pixels = adjacent_.data();
        }
        const std::uint8_t* const end = pixels + length;
        for (const std::uint8_t* first = first_set(pixels, end); first != end;) {
            const std::uint8_t* const last = first_clear(first, end);
            check_(steps_per_run);
            if (first != last) take(PixelBlock{line_, line_ + 1, first - pixels, last - pixels});
            first = first_set(last, end);
        }
    }
}

}  // namespace heatgrid
