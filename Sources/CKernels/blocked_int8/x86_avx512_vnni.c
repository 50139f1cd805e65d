#if defined(__x86_64__)
#include "../vector/x86_avx512_vnni_begin.h"
#define ONYX_PIXELS 14
#define ONYX_PANELS 2
#define ONYX_GROUP 4
#include "body.inc"
#include "../vector/end.h"
#endif
