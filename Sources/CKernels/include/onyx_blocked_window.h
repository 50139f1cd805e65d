#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_blocked.h"
#include "onyx_depthwise.h"

// Windows over one plane of a channel-blocked image: element (pixel, lane) at pixel * 16 + lane. Taps in the padding are left out.
typedef struct {
  const onyx_window *window;
  int64_t first_row, rows;  // the output rows to make
  const float *x;           // the input plane of the block
  const float *w;           // [tap][channel of a group][16]
  const float *bias;        // [16]
  const float *z;           // addend, a plane laid out as y; may be null
  float *y;                 // the output plane of the block
  float low, high;          // limits of the result; NaN stays
} onyx_blocked_window;

typedef struct {
  uint32_t isa;

  // y = limit(bias + sum over taps of x * w + z). Lane f reads the channels f / group * group + c, c < group, of its pixels;
  // group is 1, 2, 4 or 8. Terms are summed in the order (kernel row, ...) that depends on the window only.
  void (*convolve)(const onyx_blocked_window *args, int64_t group);

  // y = the greatest element of the window, -inf when it is empty; NaN wins. Reads window, rows, x and y.
  void (*maximum)(const onyx_blocked_window *args);
} onyx_blocked_window_row;
