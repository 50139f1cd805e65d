#include "../vector/scalar_begin.h"
#define ONYX_TILES 2
#define ONYX_FEW 0
#include "body.inc"
#include "../vector/end.h"
