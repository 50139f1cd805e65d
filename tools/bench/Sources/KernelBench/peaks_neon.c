#include "peaks.h"
#if defined(__aarch64__)
#include "../CKernels/vector/arm_neon_begin.h"
#define CHAINS 20
#include "peaks.inc"
#include "../CKernels/vector/end.h"
const peak_loops *const bench_loops_neon = &onyx_peak_loops_neon;
#else
const peak_loops *const bench_loops_neon = 0;
#endif
