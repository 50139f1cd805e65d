#if defined(__x86_64__)
#include "../vector/x86_avx2_begin.h"
#define ONYX_TILES 6
#define ONYX_FEW 0
#include "body.inc"
#include "../vector/end.h"
#endif
