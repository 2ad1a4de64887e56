#include "check.hpp"

#include <exception>
#include <iostream>

namespace heatgrid::check {
namespace {

struct Test {
    const char* name;
    void (*run)();
};

std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}

int failures = 0;

}  // namespace

Picture rows_of(const std::string& text) {
    std::istringstream words(text);
    Picture rows;
    for (std::string row; words >> row;) rows.push_back(row);
    return rows;
}

std::ostream& operator<<(std::ostream& stream, const Picture& picture) {
    for (const std::string& row : picture) stream << "\n    " << row;
    return stream;
}

bool add_test(const char* name, void (*run)()) {
    tests().push_back({name, run});
    return true;
}

void fail(const char* file, int line, const std::string& message) {
    ++failures;
    std::cerr << file << ":" << line << ": " << message << "\n";
}

int run_tests() {
    for (const Test& test : tests()) {
        const int before = failures;
        try {
            test.run();
        } catch (const std::exception& error) {
            fail(test.name, 0, error.what());
        }
        if (failures > before) std::cerr << "FAILED " << test.name << "\n";
    }
    std::cout << tests().size() << " tests, " << failures << " failed checks\n";
    return failures > 0 ? 1 : 0;
}

}  // namespace heatgrid::check
