// Micro-kernels of Onyx: pure leaf functions over memory. No kernel allocates, locks, keeps state or
// starts threads. Counts and strides are in elements. Pointers may be unaligned; a kernel touches exactly the
// elements its contract names. Results depend on the arguments and the row only.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_families.h"
#include "onyx_isa.h"
#include "onyx_movement.h"
