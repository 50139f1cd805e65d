#if defined(__aarch64__)
#include "../vector/arm_neon_begin.h"
#define ONYX_PIXELS 6
#define ONYX_PANELS 1
#define ONYX_GROUP 2
#include "body.inc"
#include "../vector/end.h"
#endif
