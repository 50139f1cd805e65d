#if defined(__x86_64__)
#include "../vector/x86_avx512_begin.h"
#define ONYX_PIXELS 12
#define ONYX_PANELS 2
#define ONYX_GROUP 2
#include "body.inc"
#include "../vector/end.h"
#endif
