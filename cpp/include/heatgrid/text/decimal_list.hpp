#pragma once

#include <algorithm>

#include "heatgrid/simd/processor.hpp"
#include "heatgrid/text/column.hpp"
#include "heatgrid/text/decimal_list_avx2.hpp"

namespace heatgrid {

/// Reads short numbers of lists many at a time, where the processor can.
///
/// The search for them does not pay among long ones: after a failure it waits, exponentially longer.
class DecimalList {
  public:
    /// Numbers are followed by `separator`, the last one of a list by `last`.
    DecimalList(char separator, char last) noexcept : separator_(separator), last_(last) {}

    /// As read_short_decimals_avx2; returns `text` if the number there is to be read by read_decimal.
    const char* read(const char* text, const char* end, Column<double>& values) {
        if constexpr (compiled_for_avx2) {
            if (wait_ == 0) return attempt(text, end, values);
            --wait_;
        }
        return text;
    }

  private:
    const char* attempt(const char* text, const char* end, Column<double>& values) {
        constexpr unsigned few = 4;
        constexpr unsigned longest = 1024;
        const std::size_t before = values.size();
        if (has_avx2()) text = read_short_decimals_avx2(text, end, separator_, last_, values);
        const bool is_worthwhile = values.size() - before >= few || (text != end && *text == last_);
        pause_ = is_worthwhile ? 0 : std::min(2 * pause_ + few, longest);
        wait_ = pause_;
        return text;
    }

    char separator_;
    char last_;
    unsigned wait_ = 0;   // numbers to read one by one before the next attempt
    unsigned pause_ = 0;  // length of the last such wait
};

}  // namespace heatgrid
