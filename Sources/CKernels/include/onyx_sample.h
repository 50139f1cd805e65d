#pragma once
#include <stddef.h>
#include <stdint.h>

// Elements of an image read at places that data choose: interpolation, and pooling of regions. Channel blocks have 16 lanes for
// each pixel (see onyx_blocked.h); planes have one.

// What the samples of each bin along one axis make of its elements: those of bin b are starts[b] ... starts[b + 1] - 1, ascending.
typedef struct {
  int64_t bins;
  const int32_t *starts;
  const int64_t *offsets;  // of the elements, in floats
  const float *sums;       // the weight of each element in all samples
  const float *least;      // its least and greatest weight in one sample; for maxima only
  const float *greatest;
  const uint8_t *clipped;  // for each bin, whether a sample lies outside or there is none; for maxima only
} onyx_sample_axis;

typedef struct {
  uint32_t isa;

  // For each bin of rows x columns, row by row: the sum of the elements, each times its sums along both axes, over `divisor`. Sums
  // run along columns first. The results are 16 floats a bin over blocks, one over planes.
  void (*average_blocks)(float *dst, const float *src, const onyx_sample_axis *rows, const onyx_sample_axis *columns, float divisor);
  void (*average_plane)(float *dst, const float *src, const onyx_sample_axis *rows, const onyx_sample_axis *columns, float divisor);

  // The greatest product of an element and a weight, any weight of one axis times any of the other; of a clipped bin at least 0.
  // NaN wins.
  void (*maximum_blocks)(float *dst, const float *src, const onyx_sample_axis *rows, const onyx_sample_axis *columns);
  void (*maximum_plane)(float *dst, const float *src, const onyx_sample_axis *rows, const onyx_sample_axis *columns);

  // dst[p * dst_stride + f] = sum over t of weights[p * taps + t] * src[indices[p * taps + t] * 16 + f], p < n, f < 16, in order.
  void (*gather_blocks)(float *dst, int64_t dst_stride, const float *src, const int32_t *indices, const float *weights, int64_t taps,
                        int64_t n);
  // dst[p] = sum over t of weights[p * taps + t] * src[indices[p * taps + t]], p < n, in order; elements of weight 0 do not count.
  void (*gather_plane)(float *dst, const float *src, const int32_t *indices, const float *weights, int64_t taps, int64_t n);
} onyx_sample_row;
