// Test harness: named tests, checks, and counts compared as pictures.
//
// A picture has a full stop for 0 and a digit for any other count. A failed check prints its file and line,
// and the test continues.
#pragma once

#include <iosfwd>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace heatgrid::check {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double largest = std::numeric_limits<double>::max();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

using Picture = std::vector<std::string>;

/// Rows of a picture from a block of text.
Picture rows_of(const std::string& text);

std::ostream& operator<<(std::ostream& stream, const Picture& picture);

// Runs the tests in the order of their file; returns 1 if a check failed, else 0.
int run_tests();

bool add_test(const char* name, void (*run)());
void fail(const char* file, int line, const std::string& message);

template <class Found, class Expected>
void equal(const char* file, int line, const char* code, const Found& found, const Expected& expected) {
    if (found == expected) return;
    std::ostringstream message;
    message << code << "\n  found    " << found << "\n  expected " << expected;
    fail(file, line, message.str());
}

}  // namespace heatgrid::check

#define TEST(name)                                                                \
    static void name();                                                           \
    static const bool name##_is_added = ::heatgrid::check::add_test(#name, name); \
    static void name()

#define CHECK(condition) \
    ((condition) ? void() : ::heatgrid::check::fail(__FILE__, __LINE__, #condition " does not hold"))

#define CHECK_EQUAL(found, expected) ::heatgrid::check::equal(__FILE__, __LINE__, #found, (found), (expected))

#define CHECK_PICTURE(found, text) \
    ::heatgrid::check::equal(__FILE__, __LINE__, #found, (found), ::heatgrid::check::rows_of(text))
