#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t isa;

  // dst = exp(src - max) / sum(exp(src - max)) over each of `lines` runs of n elements that follow each other, or
  // src - max - log(sum) when `logarithm` is set. A line's result does not depend on the others. dst may equal src. n >= 1.
  void (*softmax_lines)(float *dst, const float *src, int64_t lines, int64_t n, int32_t logarithm);

  // The same down each of `width` columns of an n x width block with rows `stride` apart in both buffers.
  void (*softmax_columns)(float *dst, const float *src, int64_t n, int64_t stride, int64_t width,
                          int32_t logarithm);

  // Mean and biased variance (mean of the squared deviations from the mean). n >= 1. The mean of equal numbers is that number up to
  // a million of them and more: normalized they are zeros.
  void (*moments)(const float *src, int64_t n, float *mean, float *variance);

  // dst[i] = (src[i] - mean) * factor * scale[i] + shift[i]; scale and shift may be null. dst may equal src.
  void (*normalize)(float *dst, const float *src, int64_t n, float mean, float factor, const float *scale,
                    const float *shift);
} onyx_normalize_row;
