#include "peaks.h"
#if defined(__x86_64__)
#include "../CKernels/vector/x86_avx2_begin.h"
#define CHAINS 12
#include "peaks.inc"
#include "../CKernels/vector/end.h"
const peak_loops *const bench_loops_avx2 = &onyx_peak_loops_avx2;
#else
const peak_loops *const bench_loops_avx2 = 0;
#endif
