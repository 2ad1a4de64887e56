#include "heatgrid/text/table_scan.hpp"

#include <cstring>
#include <limits>
#include <random>

#include "heatgrid/text/decimal.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t'; }

// Numbers different texts by first appearance: a hash table with linear probing. Hashes begin with a random
// number, so that no file can be made to collide.
class Encoder {
  public:
    std::int64_t code(std::string_view text) {
        if (!values_.empty() && text == values_[last_]) return static_cast<std::int64_t>(last_);
        if (2 * (values_.size() + 1) > places_.size()) grow();
        std::size_t place = hash(text) & (places_.size() - 1);
        while (places_[place] != 0 && values_[places_[place] - 1] != text) {
            place = (place + 1) & (places_.size() - 1);
        }
        if (places_[place] == 0) {
            values_.push_back(text);
            places_[place] = static_cast<std::uint32_t>(values_.size());
        }
        last_ = places_[place] - 1;
        return static_cast<std::int64_t>(last_);
    }
    std::vector<std::string_view> values() && { return std::move(values_); }

  private:
    static std::uint64_t seed() {
        static const std::uint64_t drawn = [] {
            std::random_device device;
            return std::uint64_t{device()} << 32 | device();
        }();
        return drawn;
    }

    std::size_t hash(std::string_view text) const noexcept {
        std::uint64_t state = seed_ ^ text.size();
        const char* bytes = text.data();
        for (std::size_t left = text.size(); left != 0;) {
            const std::size_t count = left < 8 ? left : 8;
            std::uint64_t word = 0;
            std::memcpy(&word, bytes, count);
            state = mixed(state ^ word);
            bytes += count;
            left -= count;
        }
        return static_cast<std::size_t>(state);
    }

    // D. Stafford, "Better Bit Mixing" (2011), variant 13.
    static std::uint64_t mixed(std::uint64_t state) noexcept {
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
        state = (state ^ state >> 27) * 0x94D049BB133111EB;
        return state ^ state >> 31;
    }

    void grow() {
        places_.assign(places_.empty() ? 64 : 4 * places_.size(), 0);
        for (std::size_t i = 0; i < values_.size(); ++i) {
            std::size_t place = hash(values_[i]) & (places_.size() - 1);
            while (places_[place] != 0) place = (place + 1) & (places_.size() - 1);
            places_[place] = static_cast<std::uint32_t>(i + 1);
        }
    }

    std::uint64_t seed_ = seed();
    std::vector<std::uint32_t> places_;  // index of a value from 1, 0 for none
    std::vector<std::string_view> values_;
    std::size_t last_ = 0;
};

// Position in a text of lines.
struct LineReader {
    const char* at;
    const char* end;
    char delimiter;

    bool is_line_end() const noexcept { return at == end || *at == '\n' || *at == '\r'; }
    bool is_cell_end() const noexcept { return is_line_end() || *at == delimiter; }

    bool pass_delimiter() noexcept {
        const bool has_one = at != end && *at == delimiter;
        at += has_one ? 1 : 0;
        return has_one;
    }

    // False for a carriage return alone, and where the line goes on.
    bool pass_line_end() noexcept {
        const bool has_return = at != end && *at == '\r';
        at += has_return ? 1 : 0;
        if (at == end) return !has_return;
        return *at++ == '\n';
    }

    // Null for a cell that is left to a slower reader.
    std::optional<std::string_view> cell() noexcept {
        while (at != end && *at == ' ') ++at;
        const bool is_quoted = at != end && *at == '"';
        const char* const begin = is_quoted ? ++at : at;
        if (is_quoted) {
            while (at != end && *at != '"' && *at != '\n' && *at != '\r') ++at;
            if (at == end || *at != '"') return std::nullopt;
        } else {
            while (!is_cell_end()) ++at;
        }
        const std::string_view text(begin, static_cast<std::size_t>(at - begin));
        if (is_quoted) ++at;
        return is_cell_end() ? std::optional(text) : std::nullopt;
    }
};

}  // namespace

std::optional<TableScan> TableScan::of(std::string_view text, char delimiter, std::size_t width) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    TableScan scan(text, width);
    if (!scan.read(delimiter)) return std::nullopt;
    return scan;
}

bool TableScan::read(char delimiter) {
    LineReader reader{text_.data(), text_.data() + text_.size(), delimiter};
    Checkpoint check;
    for (std::int64_t line = 0; reader.at != reader.end; ++line) {
        const char* const begin = reader.at;
        if (!reader.is_line_end()) {
            for (std::size_t column = 0; column < width_; ++column) {
                const auto cell = column == 0 || reader.pass_delimiter() ? reader.cell() : std::nullopt;
                if (!cell) return false;
                cells_.push({static_cast<std::uint32_t>(cell->data() - text_.data()),
                             static_cast<std::uint32_t>(cell->size())});
            }
            lines_.push(line);
        }
        if (!reader.pass_line_end()) return false;
        check(static_cast<std::size_t>(reader.at - begin));
    }
    return true;
}

bool TableScan::numbers(std::size_t column, double* values) const {
    for (std::size_t row = 0; row < rows(); ++row) {
        const std::string_view own = cell(row, column);
        const char* begin = own.data();
        const char* end = begin + own.size();
        while (begin != end && is_blank(*begin)) ++begin;
        while (begin != end && is_blank(end[-1])) --end;
        if (begin == end) {
            values[row] = std::numeric_limits<double>::quiet_NaN();
            continue;
        }
        // What follows the cell ends its number, and lets short numbers be read as one word.
        const char* const limit = text_.data() + text_.size();
        if (read_decimal(begin, limit, values[row]) != end) return false;
    }
    return true;
}

std::vector<std::string_view> TableScan::encode(std::size_t column, std::int64_t* codes) const {
    Encoder encoder;
    for (std::size_t row = 0; row < rows(); ++row) codes[row] = encoder.code(cell(row, column));
    return std::move(encoder).values();
}

}  // namespace heatgrid
