#include "check.h"

#include <math.h>

static void check_stage(const onyx_image_row *row, const onyx_image_row *scalar, int64_t width, int64_t pad, int64_t stride,
                        int64_t phases, int64_t phase_width) {
  const int64_t height = 4, rows = 7;
  const float *src = random_floats(height * width, 1);
  float *y = filled_floats(rows * phases * phase_width, NAN), *e = filled_floats(rows * phases * phase_width, NAN);
  row->stage_plane(y, rows, phases, phase_width, src, height, width, 2, pad, stride, -3);
  scalar->stage_plane(e, rows, phases, phase_width, src, height, width, 2, pad, stride, -3);
  check_equal(y, e, rows * phases * phase_width, "stage_plane width %lld pad %lld stride %lld phases %lld", (long long)width,
              (long long)pad, (long long)stride, (long long)phases);
}

static void check_pack(const onyx_image_row *row, const onyx_image_row *scalar, int64_t width, int64_t row_length,
                       int64_t first, int64_t pixels) {
  const int64_t k = 5, rows = (first + pixels + row_length - 1) / row_length, panels = (pixels + width - 1) / width;
  const float *src = random_floats(rows * (row_length + 2) + 20, 2);
  int64_t taps[5] = {0, 1, 7, 3, 12}, *bases = guarded((size_t)rows * sizeof(int64_t));
  for (int64_t r = 0; r < rows; r++) bases[r] = r * (row_length + 2);
  // Lanes past the last pixel are unspecified in part: compare what must hold.
  float *y = filled_floats(panels * width * k, 0), *e = filled_floats(panels * width * k, 0);
  row->pack_pixels(y, width, width * k, src, taps, k, bases, row_length, first, pixels);
  scalar->pack_pixels(e, width, width * k, src, taps, k, bases, row_length, first, pixels);
  check_equal(y, e, panels * width * k, "pack_pixels panel %lld row %lld first %lld pixels %lld", (long long)width,
              (long long)row_length, (long long)first, (long long)pixels);
}

FAMILY(image) {
  for (int64_t width = 1; width < 70; width += 3)
    for (int64_t pad = 0; pad < 4; pad++)
      for (int64_t stride = 1; stride < 4; stride++)
        for (int64_t phases = 1; phases <= stride; phases++)
          check_stage(row, scalar, width, pad, stride, phases, (width + 2 * pad) / stride + 1);
  static const int64_t panels[] = {4, 6, 8, 14, 16, 32};
  for (int64_t p = 0; p < COUNT(panels); p++)
    for (int64_t length = 1; length < 80; length = length * 2 + 1)
      for (int64_t pixels = 1; pixels < 100; pixels += 13) check_pack(row, scalar, panels[p], length, pixels % 5, pixels);
}
