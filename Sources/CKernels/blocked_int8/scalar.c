#include "../vector/scalar_begin.h"
#define ONYX_PIXELS 4
#define ONYX_PANELS 1
#define ONYX_GROUP 2
#include "body.inc"
#include "../vector/end.h"
