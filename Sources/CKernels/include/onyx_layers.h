#pragma once
#include <stddef.h>
#include <stdint.h>

// Loops of layers over elements of a type: windows along a row, moments, and maps of a channel.
enum { ONYX_LAYER_F32, ONYX_LAYER_F64, ONYX_LAYER_TYPES };

// What overlapping windows are made of: floats, and integers that wrap.
enum { ONYX_OVERLAP_F32, ONYX_OVERLAP_F64, ONYX_OVERLAP_U32, ONYX_OVERLAP_U64, ONYX_OVERLAP_TYPES };

// A maximum keeps the first of equals, and a NaN; a sum begins at 0 and takes the taps in order.
enum { ONYX_WINDOW_MAX, ONYX_WINDOW_SUM, ONYX_WINDOW_KINDS };

typedef struct {
  uint32_t isa;

  // [type * ONYX_WINDOW_KINDS + kind]: dst[x] = the fold of src[offsets[t] + x * stride] over t < taps, for x < width; taps >= 1. Nothing
  // overlaps.
  void (*const *window)(void *dst, int64_t width, const void *src, int64_t stride, const int64_t *offsets, int64_t taps);

  // [type]: dst[x] = start[0] + the sum of weights[t] * src[offsets[t] + x * stride], taps in order; taps >= 1. Nothing overlaps.
  void (*const *weigh)(void *dst, int64_t width, const void *src, int64_t stride, const int64_t *offsets, const void *weights,
                       int64_t taps, const void *start);

  // [type]: mean and biased variance of src[0, n), n >= 1, counted from its first element, then from the mean, in four vectors of sums
  // that are joined in a fixed order.
  void (*const *moments)(const void *src, int64_t n, void *mean, void *variance);

  // [type]: dst[i] = (src[i] - mean) * factor + shift, of one element each; dst may equal src.
  void (*const *map)(void *dst, const void *src, int64_t n, const void *mean, const void *factor, const void *shift);

  // [type]: sums[r * width + x] divided by divisors[x], for r < rows, x < width. reciprocals[x] is 1 / divisors[x], rounded; a divisor is a
  // whole number of at least 1. Quotients are rounded once, but for those below the normal numbers. Nothing overlaps.
  void (*const *average)(void *sums, const void *divisors, const void *reciprocals, int64_t rows, int64_t width);

  // [type]: totals[i] += src[i] in double, then dst[i] = totals[i] rounded; nothing overlaps but dst and src, which may be equal.
  void (*const *accumulate)(void *dst, double *totals, const void *src, int64_t n);

  // [an ONYX_OVERLAP type]: dst[r * dst_row + i * step] += src[r * src_row + i] for r < rows, i < n. Nothing overlaps.
  void (*const *overlap)(void *dst, int64_t dst_row, int64_t step, const void *src, int64_t src_row, int64_t rows, int64_t n);

  // Turns `half` pairs (a, b) by their angles into (cos a - sin b, sin a + cos b), each in its place: neighbours, or a pair's numbers half
  // a row apart. y may equal x.
  void (*rotate_neighbours)(float *y, const float *x, const float *cosines, const float *sines, int64_t half);
  void (*rotate_halves)(float *y, const float *x, const float *cosines, const float *sines, int64_t half);
} onyx_layers_row;
