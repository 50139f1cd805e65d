#include "check.h"

#include <math.h>

static const int64_t widths[ONYX_LAYER_TYPES] = {4, 8};

// n elements of a type behind a guard page: plain numbers, or those of a sweep.
static void *elements(int type, int64_t n, uint32_t seed, int wild) {
  const float *numbers = wild ? sweep_floats(n, seed) : random_floats(n, seed);
  if (type == ONYX_LAYER_F32) return (void *)numbers;
  double *wide = guarded((size_t)n * sizeof(double));
  for (int64_t i = 0; i < n; i++) wide[i] = (double)numbers[i];
  return wide;
}

// The same numbers but for NaNs and the last bits of sums.
static void compare(int type, const void *y, const void *e, int64_t n, double relative, const char *what, int64_t width, int64_t stride) {
  float *a = guarded((size_t)n * sizeof(float)), *b = guarded((size_t)n * sizeof(float));
  for (int64_t i = 0; i < n; i++) {
    a[i] = type == ONYX_LAYER_F32 ? ((const float *)y)[i] : (float)((const double *)y)[i];
    b[i] = type == ONYX_LAYER_F32 ? ((const float *)e)[i] : (float)((const double *)e)[i];
  }
  check_close(a, b, n, relative, relative, "%s of type %d, %lld, stride %lld", what, type, (long long)width, (long long)stride);
}

static const int64_t overlap_widths[ONYX_OVERLAP_TYPES] = {4, 8, 4, 8};

static void check_overlap(const onyx_layers_row *row, const onyx_layers_row *scalar) {
  for (int type = 0; type < ONYX_OVERLAP_TYPES; type++)
    for (int64_t n = 1; n < 70; n += n < 40 ? 1 : 13)
      for (int64_t step = 1; step < 4; step++) {
        const int64_t rows = 3, dst_row = n * step + 2, src_row = n + 1, width = overlap_widths[type];
        const size_t bytes = (size_t)(((rows - 1) * dst_row + (n - 1) * step + 1) * width);
        const int64_t count = (rows - 1) * src_row + n;
        const void *x = type == ONYX_OVERLAP_F32   ? elements(ONYX_LAYER_F32, count, 1, 0)
                        : type == ONYX_OVERLAP_F64 ? elements(ONYX_LAYER_F64, count, 1, 0)
                                                   : random_bytes(count * width, 1);
        uint8_t *y = guarded(bytes), *e = guarded(bytes);
        for (size_t i = 0; i < bytes; i++) y[i] = e[i] = (uint8_t)(type < ONYX_OVERLAP_U32 ? 0 : 37 * i);
        row->overlap[type](y, dst_row, step, x, src_row, rows, n), scalar->overlap[type](e, dst_row, step, x, src_row, rows, n);
        row->overlap[type](y, dst_row, step, x, src_row, rows, n), scalar->overlap[type](e, dst_row, step, x, src_row, rows, n);
        check_bits(y, e, bytes, "overlap of type %d, %lld by %lld", type, (long long)n, (long long)step);
      }
}

static void check_rotations(const onyx_layers_row *row, const onyx_layers_row *scalar) {
  for (int64_t half = 1; half < 70; half++) {
    const float *x = sweep_floats(2 * half, 1), *c = random_floats(half, 2), *s = random_floats(half, 3);
    float *y = guarded((size_t)half * 8), *e = guarded((size_t)half * 8);
    row->rotate_neighbours(y, x, c, s, half), scalar->rotate_neighbours(e, x, c, s, half);
    check_equal(y, e, 2 * half, "neighbours turned, %lld", (long long)half);
    row->rotate_halves(y, x, c, s, half), scalar->rotate_halves(e, x, c, s, half);
    check_equal(y, e, 2 * half, "halves turned, %lld", (long long)half);
    // In place.
    for (int64_t i = 0; i < 2 * half; i++) y[i] = x[i];
    row->rotate_halves(y, y, c, s, half);
    check_equal(y, e, 2 * half, "halves turned in place, %lld", (long long)half);
    scalar->rotate_neighbours(e, x, c, s, half);
    for (int64_t i = 0; i < 2 * half; i++) y[i] = x[i];
    row->rotate_neighbours(y, y, c, s, half);
    check_equal(y, e, 2 * half, "neighbours turned in place, %lld", (long long)half);
  }
}

static void divide(int type, void *x, const void *by, int64_t rows, int64_t width) {
  for (int64_t i = 0; i < rows * width; i++)
    if (type == ONYX_LAYER_F32) ((float *)x)[i] /= ((const float *)by)[i % width];
    else ((double *)x)[i] /= ((const double *)by)[i % width];
}

// Quotients have the bits of divisions: of numbers of all magnitudes, with infinities and NaN among them.
static void check_averages(const onyx_layers_row *row) {
  for (int type = 0; type < ONYX_LAYER_TYPES; type++)
    for (int64_t width = 1; width < 90; width += width < 40 ? 1 : 13)
      for (int64_t rows = 1; rows < 12; rows += 5) {
        const size_t bytes = (size_t)(rows * width * widths[type]);
        float *divisors = filled_floats(width, 1), *reciprocals = filled_floats(width, 1);
        double *wide = guarded((size_t)width * 8), *inverse = guarded((size_t)width * 8);
        for (int64_t x = 0; x < width; x++) {
          divisors[x] = (float)(1 + (x * 7 + width + rows) % 343), reciprocals[x] = 1 / divisors[x];
          wide[x] = divisors[x], inverse[x] = 1 / wide[x];
        }
        for (int is_wild = 0; is_wild < 2; is_wild++) {
          const uint8_t *x = elements(type, rows * width, (uint32_t)(width + rows), is_wild);
          uint8_t *y = guarded(bytes), *e = guarded(bytes);
          for (size_t i = 0; i < bytes; i++) y[i] = e[i] = x[i];
          const int is_float = type == ONYX_LAYER_F32;
          const void *by = is_float ? (void *)divisors : (void *)wide, *inverses = is_float ? (void *)reciprocals : (void *)inverse;
          row->average[type](y, by, inverses, rows, width), divide(type, e, by, rows, width);
          if (is_wild) compare(type, y, e, rows * width, 1e-7, "averages of wild numbers", width, rows);
          else check_bits(y, e, bytes, "averages of type %d, %lld by %lld", type, (long long)rows, (long long)width);
        }
      }
}

FAMILY(layers) {
  check_overlap(row, scalar), check_rotations(row, scalar), check_averages(row);
  for (int type = 0; type < ONYX_LAYER_TYPES; type++)
    for (int64_t width = 1; width < 150; width += width < 40 ? 1 : 13) {
      const size_t bytes = (size_t)(width * widths[type]);
      for (int64_t stride = 1; stride < 4; stride++)
        for (int64_t taps = 1; taps < 10; taps += 4) {
          int64_t offsets[9], farthest = 0;
          for (int64_t t = 0; t < taps; t++) {
            offsets[t] = 3 * t % 7;
            if (offsets[t] > farthest) farthest = offsets[t];
          }
          const int64_t count = farthest + (width - 1) * stride + 1;
          void *y = guarded(bytes), *e = guarded(bytes);
          for (int kind = 0; kind < ONYX_WINDOW_KINDS; kind++) {
            const void *x = elements(type, count, 1, kind == ONYX_WINDOW_MAX);
            row->window[type * ONYX_WINDOW_KINDS + kind](y, width, x, stride, offsets, taps);
            scalar->window[type * ONYX_WINDOW_KINDS + kind](e, width, x, stride, offsets, taps);
            compare(type, y, e, width, 0, kind == ONYX_WINDOW_MAX ? "maximum" : "sum", width, stride);
          }
          const void *x = elements(type, count, 2, 0), *w = elements(type, taps, 3, 0), *start = elements(type, 1, 4, 0);
          row->weigh[type](y, width, x, stride, offsets, w, taps, start), scalar->weigh[type](e, width, x, stride, offsets, w, taps, start);
          compare(type, y, e, width, 1e-5, "weighted sum", width, stride);
        }
      const void *x = elements(type, width, 5, 0), *mean = elements(type, 1, 6, 0), *factor = elements(type, 1, 7, 0);
      void *y = guarded(bytes), *e = guarded(bytes);
      row->map[type](y, x, width, mean, factor, mean), scalar->map[type](e, x, width, mean, factor, mean);
      compare(type, y, e, width, 0, "map", width, 1);
      double *totals = guarded((size_t)width * sizeof(double)), *sums = guarded((size_t)width * sizeof(double));
      for (int64_t i = 0; i < width; i++) totals[i] = sums[i] = 0.1 * (double)i;
      row->accumulate[type](y, totals, x, width), scalar->accumulate[type](e, sums, x, width);
      check_bits(y, e, bytes, "totals of type %d, %lld", type, (long long)width);
      check_bits(totals, sums, (size_t)width * sizeof(double), "totals kept, type %d, %lld", type, (long long)width);
      double found[2] = {NAN, NAN}, expected[2] = {NAN, NAN};
      row->moments[type](x, width, &found[0], &found[1]), scalar->moments[type](x, width, &expected[0], &expected[1]);
      compare(type, &found[0], &expected[0], 1, 1e-5, "mean", width, 1);
      compare(type, &found[1], &expected[1], 1, 1e-5, "variance", width, 1);
    }
}
