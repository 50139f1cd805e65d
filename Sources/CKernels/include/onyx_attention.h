#pragma once
#include <stddef.h>
#include <stdint.h>

// Most heads that are mixed with each other.
enum { ONYX_MIXED_HEADS = 32 };

// Attention for a tile of queries, which lie side by side in the lanes of vectors: scores are [keys][width], weighted
// values [features][width]. The first `lanes` of each row are in use, a whole number of vectors and at least as many as
// the queries; lanes beyond the queries hold anything.
typedef struct {
  uint32_t isa;

  // Replaces scores by exp(score - top), where top is the greatest score of a lane so far, and adds them to `sum`.
  // Unless `first` is set, sum and top come from earlier keys, and `factor` gets what scales their exponentials to the
  // new top. A lane whose scores are all -inf has the sum zero.
  void (*soften)(float *scores, int64_t keys, int64_t width, int64_t lanes, float *top, float *sum, float *factor,
                 int32_t first);

  // Talking heads: scores are [heads][keys][width], the planes of two heads `stride` apart. Replaces them in place:
  // scores[g][key][lane] = bias[g] + sum over h of weights[h * heads + g] * scores[h][key][lane], where scores[h] is first divided
  // by sums[h * width + lane], by way of the reciprocal, unless sums is null. heads <= ONYX_MIXED_HEADS; bias may be null.
  void (*mix)(float *scores, int64_t heads, int64_t stride, int64_t keys, int64_t width, int64_t lanes, const float *weights,
              const float *bias, const float *sums);

  // values[i][lane] *= factor[lane].
  void (*rescale)(float *values, int64_t features, int64_t width, int64_t lanes, const float *factor);

  // dst[q * query_stride + i * feature_stride] = values[i][q] / sum[q] for q < queries, by way of the reciprocal.
  // 0 / 0 is NaN, or zero when `empty_is_zero` is set. Overwrites values.
  void (*finish)(float *dst, int64_t query_stride, int64_t feature_stride, float *values, int64_t features,
                 int64_t width, const float *sum, int64_t queries, int32_t empty_is_zero);

  // dst[q * query_stride + i] = sum over keys of scores[key][q] * v[key * key_stride + i], divided by sum[q], for q < queries
  // and i < features: what a product and `finish` give, without values turned by features and queries.
  void (*weigh)(float *dst, int64_t query_stride, const float *scores, int64_t width, const float *sum, int64_t queries,
                const float *v, int64_t key_stride, int64_t keys, int64_t features, int32_t empty_is_zero);
} onyx_attention_row;
