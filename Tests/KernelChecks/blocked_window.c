#include "check.h"

#include <math.h>

// A plane whose columns' padding is the given one; rows of the output are made in two parts.
static void check_plane(const onyx_blocked_window_row *row, const onyx_blocked_window_row *scalar, int64_t size, int64_t stride, int64_t dilation,
                        int64_t height, int64_t width, int64_t pad, int64_t group) {
  onyx_window w = {.height = height, .width = width, .kernel_height = size, .kernel_width = size, .stride_y = stride, .stride_x = stride,
                   .dilation_y = dilation, .dilation_x = dilation, .pad_y = pad, .pad_x = pad};
  const int64_t reach = (size - 1) * dilation + 1;
  if (height + 2 * pad < reach || width + 2 * pad < reach) return;
  w.out_height = (height + 2 * pad - reach) / stride + 1, w.out_width = (width + 2 * pad - reach) / stride + 1;
  const int64_t block = ONYX_BLOCK, outputs = w.out_height * w.out_width * block;
  const float *x = random_floats(height * width * block, 1), *wild = sweep_floats(height * width * block, 2);
  const float *weights = random_floats(size * size * group * block, 3), *bias = random_floats(block, 4), *z = random_floats(outputs, 5);
  for (int form = 0; form < 3; form++) {
    float *result[2] = {filled_floats(outputs, NAN), filled_floats(outputs, NAN)};
    for (int i = 0; i < 2; i++) {
      const onyx_blocked_window_row *r = i ? scalar : row;
      const int64_t middle = w.out_height / 2;
      for (int part = 0; part < 2; part++) {
        const onyx_blocked_window args = {
          .window = &w, .first_row = part ? middle : 0, .rows = part ? w.out_height - middle : middle, .x = form == 2 ? wild : x, .w = weights,
          .bias = bias, .z = form == 1 ? z : 0, .y = result[i], .low = form == 1 ? -1 : -INFINITY, .high = form == 1 ? 1.5f : INFINITY};
        if (form == 2) r->maximum(&args);
        else r->convolve(&args, group);
      }
    }
    check_close(result[0], result[1], outputs, form == 2 ? 0 : 1e-6, form == 2 ? 0 : 2e-7 * (double)(size * size * group + 8),
                "form %d: kernel %lld, stride %lld, dilation %lld, %lld x %lld, pad %lld, group %lld", form, (long long)size, (long long)stride,
                (long long)dilation, (long long)height, (long long)width, (long long)pad, (long long)group);
  }
}

FAMILY(blocked_window) {
  for (int64_t size = 1; size <= 7; size += size < 3 ? 1 : 2)
    for (int64_t stride = 1; stride <= 2; stride++)
      for (int64_t group = 1; group <= 8; group *= 2)
        for (int64_t width = 1; width < 32; width += 5)
          check_plane(row, scalar, size, stride, 1, 3 + width % 7, width, size / 2, group);
  check_plane(row, scalar, 3, 1, 2, 9, 11, 2, 1);
  check_plane(row, scalar, 3, 2, 2, 9, 11, 1, 4);
  check_plane(row, scalar, 3, 1, 1, 8, 8, 0, 2);
  check_plane(row, scalar, 2, 3, 1, 8, 13, 1, 1);
}
