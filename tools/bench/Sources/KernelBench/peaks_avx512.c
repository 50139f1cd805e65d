#include "peaks.h"
#if defined(__x86_64__)
#include "../CKernels/vector/x86_avx512_begin.h"
#define CHAINS 24
#include "peaks.inc"
#include "../CKernels/vector/end.h"
const peak_loops *const bench_loops_avx512 = &onyx_peak_loops_avx512;
#else
const peak_loops *const bench_loops_avx512 = 0;
#endif
