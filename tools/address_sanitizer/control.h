#include <stddef.h>
#include <stdint.h>

/* The sum of `count` elements. */
int64_t control_sum(const int32_t *_Nonnull elements, size_t count);

/* 1 << by. */
int32_t control_shift(int32_t by);
