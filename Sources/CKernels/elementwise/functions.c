#include "../include/CKernels.h"

#define FUNCTION(NAME, operator, grain, formula) {operator, grain},

static const onyx_function unary[] = {ONYX_UNARY(FUNCTION)};
static const onyx_function binary[] = {ONYX_BINARY(FUNCTION)};

const onyx_function *onyx_unary_functions(void) { return unary; }
const onyx_function *onyx_binary_functions(void) { return binary; }
