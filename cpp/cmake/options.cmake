# One interface target holds every compiler option: language level, warnings, sanitizers,
# and the arithmetic that definitions promise (no fused multiply-add, no fast-math).
add_library(heatgrid_options INTERFACE)
target_compile_features(heatgrid_options INTERFACE cxx_std_17)
if(NOT EMSCRIPTEN)
  set_target_properties(heatgrid_options PROPERTIES INTERFACE_POSITION_INDEPENDENT_CODE ON)
endif()

if(MSVC)
  target_compile_options(heatgrid_options INTERFACE /W4 /fp:precise /utf-8)
else()
  target_compile_options(heatgrid_options INTERFACE
    # These two change no value; they let the compiler turn comparisons into masks and vectorize.
    -ffp-contract=off -fno-trapping-math -fno-math-errno
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
endif()

if(HEATGRID_SANITIZE)
  # -O1: checked code compiles in half the time, and says as much.
  target_compile_options(heatgrid_options INTERFACE
    -fsanitize=${HEATGRID_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  target_link_options(heatgrid_options INTERFACE -fsanitize=${HEATGRID_SANITIZE})
endif()
