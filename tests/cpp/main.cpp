#include "check.hpp"

int main() { return heatgrid::check::run_tests(); }
