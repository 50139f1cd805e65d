#include "../vector/scalar_begin.h"
#include "body.inc"
#include "../vector/end.h"
