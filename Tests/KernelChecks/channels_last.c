#include "check.h"

#include <math.h>

static void check_depthwise(const onyx_channels_last_row *row, const onyx_channels_last_row *scalar, int64_t size, int64_t stride,
                            int64_t count, int64_t lanes) {
  const int64_t block = ONYX_CHANNELS_LAST_BLOCK, columns = (count - 1) * stride + size, y_stride = lanes + 3;
  const int64_t outputs = (count - 1) * y_stride + lanes;
  const float *x = random_floats(size * columns * block, 1), *w = random_floats(size * size * block, 2), *bias = random_floats(block, 3);
  float *y = filled_floats(outputs, 9), *e = filled_floats(outputs, 9);
  row->depthwise(y, y_stride, x, stride * block, columns * block, block, w, bias, size, size, count, lanes);
  scalar->depthwise(e, y_stride, x, stride * block, columns * block, block, w, bias, size, size, count, lanes);
  check_close(y, e, outputs, 1e-6, 3e-6, "depthwise %lld, stride %lld, %lld outputs, %lld lanes", (long long)size, (long long)stride,
              (long long)count, (long long)lanes);
}

FAMILY(channels_last) {
  const int64_t block = ONYX_CHANNELS_LAST_BLOCK;
  for (int64_t pixels = 0; pixels < 9; pixels++)
    for (int64_t lanes = 1; lanes <= block; lanes++) {
      const int64_t stride = lanes + 5;
      const float *src = random_floats(pixels == 0 ? 0 : (pixels - 1) * stride + lanes, 1);
      float *y = filled_floats(pixels * block, NAN), *e = filled_floats(pixels * block, NAN);
      row->stage(y, src, pixels, stride, lanes), scalar->stage(e, src, pixels, stride, lanes);
      check_equal(y, e, pixels * block, "stage %lld pixels, %lld lanes", (long long)pixels, (long long)lanes);
      row->stage(y, 0, pixels, stride, lanes);
      check_equal(y, filled_floats(pixels * block, 0), pixels * block, "stage nothing, %lld pixels", (long long)pixels);
    }
  for (int64_t size = 1; size <= 7; size += 2)
    for (int64_t stride = 1; stride <= 2; stride++)
      for (int64_t count = 1; count < 20; count += 3)
        for (int64_t lanes = 1; lanes <= block; lanes += 5) check_depthwise(row, scalar, size, stride, count, lanes);
}
