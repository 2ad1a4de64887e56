#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

thread_local Interruptible* Interruptible::current = nullptr;

}  // namespace heatgrid
