// Micro-kernels of Onyx: pure leaf functions over float32, bfloat16 and 8-bit integer memory. No kernel allocates, locks, keeps state or
// starts threads. Counts and strides are in elements. Pointers may be unaligned; a kernel touches exactly the
// elements its contract names. Results depend on the arguments and the row only.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_isa.h"

#include "onyx_attention.h"
#include "onyx_bf16.h"
#include "onyx_blocked.h"
#include "onyx_channels_last.h"
#include "onyx_blocked_window.h"
#include "onyx_depthwise.h"
#include "onyx_elementwise.h"
#include "onyx_gating.h"
#include "onyx_gemm.h"
#include "onyx_image.h"
#include "onyx_int8.h"
#include "onyx_normalize.h"
#include "onyx_pool.h"
#include "onyx_quantize.h"
#include "onyx_reduce.h"
#include "onyx_winograd.h"
