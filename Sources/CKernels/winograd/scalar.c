#include "../vector/scalar_begin.h"
#define ONYX_TILES 2
#include "body.inc"
#include "../vector/end.h"
