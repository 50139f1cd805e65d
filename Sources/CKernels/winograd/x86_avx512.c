#if defined(__x86_64__)
#include "../vector/x86_avx512_begin.h"
#define ONYX_TILES 28
#define ONYX_FEW 4
#include "body.inc"
#include "../vector/end.h"
#endif
