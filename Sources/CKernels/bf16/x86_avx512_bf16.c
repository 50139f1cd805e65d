#if defined(__x86_64__)
#include "../vector/x86_avx512_bf16_begin.h"
#define ONYX_NATIVE 1
#define ONYX_PIXELS 14
#define ONYX_PANELS 2
#include "body.inc"
#include "../vector/end.h"
#endif
