#include "peaks.h"
#if 1
#include "../CKernels/vector/scalar_begin.h"
#define CHAINS 10
#include "peaks.inc"
#include "../CKernels/vector/end.h"
const peak_loops *const bench_loops_scalar = &onyx_peak_loops_scalar;
#else
const peak_loops *const bench_loops_scalar = 0;
#endif
