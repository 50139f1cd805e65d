#if defined(__x86_64__)
#include "../vector/x86_avx2_begin.h"
#include "body.inc"
#include "../vector/end.h"
#endif
