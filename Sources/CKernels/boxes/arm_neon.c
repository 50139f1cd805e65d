#if defined(__aarch64__)
#include "../vector/arm_neon_begin.h"
#include "body.inc"
#include "../vector/end.h"
#endif
