#include "heatgrid/shapes/polygon.hpp"

#include <algorithm>

namespace heatgrid {
namespace {

constexpr std::size_t steps_per_crossing = 10;

// Branchless.
void sort_four(std::int32_t* values) noexcept {
    const auto order = [values](int i, int j) {
        const std::int32_t a = values[i];
        const std::int32_t b = values[j];
        values[i] = a < b ? a : b;
        values[j] = a < b ? b : a;
    };
    order(0, 1);
    order(2, 3);
    order(0, 2);
    order(1, 3);
    order(1, 2);
}

}  // namespace

PolygonScan::PolygonScan(Grid grid, Rule rule)
    : rule_(rule), reader_(grid), walk_(grid), crossings_(grid), united_(grid) {}

Outcome PolygonScan::scan(const Polygons& polygons, std::size_t annotation) {
    clear();
    reader_.open(polygons, annotation);
    const bool has_many_parts = reader_.has_many_parts();
    while (reader_.next_part()) {
        scan_part();
        if (!has_many_parts) continue;
        convert_blocks_to_runs();
        for (const Run& run : runs_) united_.insert(run);
        runs_.clear();
    }
    if (has_many_parts) united_.consume_runs([this](const Run& run) { runs_.add() = run; });
    const Outcome outcome = reader_.outcome();
    if (outcome != Outcome::counted) {
        clear();
        return outcome;
    }
    if (!blocks_.empty() || !runs_.empty()) return Outcome::counted;
    const std::optional<Run> mean = reader_.mean_cell();
    if (!mean) return Outcome::outside;
    runs_.add() = *mean;
    return rule_ == Rule::point ? Outcome::counted : Outcome::counted_as_point;
}

// A part that hits a cell has extent in the image; the extent of all others must be examined.
void PolygonScan::scan_part() {
    if (rule_ == Rule::point) {
        (void)reader_.accept(reader_.extent());
        return;
    }
    check_(reader_.vertex_count());
    walk_.open(reader_.vertices(), reader_.vertex_count());
    reader_.for_each_ring([this](std::size_t first, std::size_t last) { walk_.add_ring(first, last); });
    if (!walk_.is_regular() && !reader_.accept(reader_.extent())) return;
    if (walk_.follow()) {
        take_chains();
    } else {
        walk_.for_each_crossing([this](std::int32_t row, std::int32_t column) {
            check_(steps_per_crossing);
            crossings_.toggle(row, column);
        });
        crossings_.consume_crossings([this](const Run& run) { runs_.add() = run; });
    }
    if (!walk_.is_regular()) return;
    if (!blocks_.empty() || !runs_.empty()) {
        reader_.accept_visible();
    } else if (!reader_.accept_by_mean()) {
        (void)reader_.accept(reader_.extent());
    }
}

void PolygonScan::take_chains() {
    const MonotoneChain* const chains = walk_.chains();
    const std::size_t count = walk_.chain_count();
    if (count == 0) return;
    if (count == 2) {
        take_pair(chains[0], chains[1], chains[0].top(), chains[0].bottom());
    } else if (count == 3) {
        // One ring that begins in the middle of a chain.
        take_pair(chains[0], chains[1], chains[0].top(), chains[0].bottom());
        take_pair(chains[2], chains[1], chains[2].top(), chains[2].bottom());
    } else {
        take_chains_in_order();
    }
}

// From each row in which a chain begins or ends to the next one.
void PolygonScan::take_chains_in_order() {
    chains_.assign(walk_.chains(), walk_.chains() + walk_.chain_count());
    std::sort(chains_.begin(), chains_.end(),
              [](const MonotoneChain& a, const MonotoneChain& b) { return a.top() < b.top(); });
    active_.clear();
    std::size_t next = 0;
    std::int32_t row = 0;
    while (next < chains_.size() || !active_.empty()) {
        if (active_.empty()) row = chains_[next].top();
        for (; next < chains_.size() && chains_[next].top() == row; ++next) active_.push_back(chains_[next]);
        std::int32_t end = next < chains_.size() ? chains_[next].top() : active_.front().bottom();
        for (const MonotoneChain& chain : active_) end = std::min(end, chain.bottom());
        if (active_.size() == 2) {
            take_pair(active_[0], active_[1], row, end);
        } else {
            take_rows(row, end);
        }
        row = end;
        active_.erase(std::remove_if(active_.begin(), active_.end(),
                                     [row](const MonotoneChain& chain) { return chain.bottom() == row; }),
                      active_.end());
    }
}

// Rows that two chains cross: of a closed ring, one leads down and one up.
void PolygonScan::take_pair(const MonotoneChain& one, const MonotoneChain& other, std::int32_t top,
                            std::int32_t bottom) {
    const bool is_one_down = one.leads_down();
    const std::int32_t* const a = one.at(top);
    const std::int32_t* const b = other.at(top);
    const SpanBlock block{top, bottom - top, is_one_down ? a : b, is_one_down ? b : a};
    if (!block.is_empty()) blocks_.add() = block;
}

// Rows that more chains cross.
void PolygonScan::take_rows(std::int32_t top, std::int32_t bottom) {
    const std::size_t count = active_.size();
    if (row_.size() < count) row_.resize(count);
    for (std::int32_t row = top; row < bottom; ++row) {
        check_(count);
        for (std::size_t k = 0; k < count; ++k) row_[k] = *active_[k].at(row);
        take_row(row, row_.data(), count);
    }
}

// Begins and ends runs at a row's sorted crossings; equal crossings cancel, so that adjacent runs merge.
void PolygonScan::take_row(std::int32_t row, std::int32_t* crossings, std::size_t count) {
    if (count == 4) {
        sort_four(crossings);
    } else {
        std::sort(crossings, crossings + count);
    }
    std::int32_t first = 0;
    bool is_open = false;
    for (std::size_t k = 0; k < count; ++k) {
        if (k + 1 < count && crossings[k] == crossings[k + 1]) {
            ++k;
        } else if (is_open) {
            runs_.add() = {row, first, crossings[k]};
            is_open = false;
        } else {
            first = crossings[k];
            is_open = true;
        }
    }
}

Runs PolygonScan::runs() {
    convert_blocks_to_runs();
    return {runs_.data(), runs_.size()};
}

void PolygonScan::convert_blocks_to_runs() {
    for (const SpanBlock& block : blocks_) {
        for (std::int32_t r = 0; r < block.rows; ++r) {
            const Run run = block.run(r);
            if (run.first < run.last) runs_.add() = run;
        }
    }
    blocks_.clear();
}

void PolygonScan::clear() noexcept {
    blocks_.clear();
    runs_.clear();
}

}  // namespace heatgrid
