#pragma once
#include <stddef.h>
#include <stdint.h>

// Windows over one channel of a staged image (see onyx_image.h): output x reads src[offsets[t] + x], t < taps.
typedef struct {
  uint32_t isa;

  // dst[x] = the greatest element of the window; NaN wins. taps >= 1.
  void (*max_row)(float *dst, int64_t width, const float *src, const int64_t *offsets, int64_t taps);

  // dst[x] = (sum of the window, taps in order) / divisors[x].
  void (*average_row)(float *dst, int64_t width, const float *src, const int64_t *offsets, int64_t taps,
                      const float *divisors);
} onyx_pool_row;
