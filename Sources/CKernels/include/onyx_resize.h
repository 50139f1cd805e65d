#pragma once
#include <stddef.h>
#include <stdint.h>

// Resampling along an axis: a result is a weighted sum of elements. Elements of weight 0 do not count, whatever they are.

// How the results of a row are made of its elements. Results come in groups of `lanes`; the last one is padded with weights of 0.
typedef struct {
  int64_t count;           // results
  int64_t length;          // elements
  int64_t taps;            // of each result
  const int32_t *bases;    // for each group the element that its indices are relative to; -1: they count from the first one
  const int32_t *indices;  // [group][tap][lane]
  const float *weights;    // [group][tap][lane]
} onyx_resize_axis;

typedef struct {
  uint32_t isa;
  int32_t lanes;   // of a group
  int32_t window;  // indices relative to a base are less than this; 0: there are no bases

  // dst[x] = sum over taps of weight * src[index], in order.
  void (*across)(float *dst, const float *src, const onyx_resize_axis *axis);
  // The bits of src[index]; one tap, whose weight is not looked at.
  void (*pick)(float *dst, const float *src, const onyx_resize_axis *axis);

  // The same for runs of neighbouring elements: dst[x * run + i] = sum over t of weights[x * taps + t] * src[indices[x * taps + t] * run + i],
  // x < n, i < run.
  void (*across_runs)(float *dst, const float *src, const int32_t *indices, const float *weights, int64_t taps, int64_t n, int64_t run);

  // dst[i] = sum over t of weights[t] * src[(indices[t] - first) * stride + i], i < n, in order.
  void (*down)(float *dst, const float *src, int64_t stride, int64_t first, const int32_t *indices, const float *weights, int64_t taps,
               int64_t n);
} onyx_resize_row;
