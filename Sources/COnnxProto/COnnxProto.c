#include "include/COnnxProto.h"
