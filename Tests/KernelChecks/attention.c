#include "check.h"

#include <math.h>
#include <string.h>

static float *copy(const float *src, int64_t n) {
  float *dst = filled_floats(n, 0);
  memcpy(dst, src, (size_t)n * sizeof(float));
  return dst;
}

// Two blocks of keys one after the other, then the values of the second are scaled and finished.
static void check_softmax(const onyx_attention_row *row, const onyx_attention_row *scalar, int64_t keys, int64_t lanes, int64_t queries) {
  const int64_t width = lanes + 16, features = 5;
  const onyx_attention_row *both[2] = {row, scalar};
  const float *first = random_floats(keys * width, 1), *second = random_floats(keys * width, 2), *given = random_floats(features * width, 3);
  float *top[2], *sum[2], *factor[2], *scores[2], *values[2], *y[2];
  for (int i = 0; i < 2; i++) {
    scores[i] = copy(first, keys * width);
    // One lane sees nothing in its first block.
    for (int64_t k = 0; k < keys; k++) scores[i][k * width] = -INFINITY;
    top[i] = filled_floats(lanes, NAN), sum[i] = filled_floats(lanes, NAN), factor[i] = filled_floats(lanes, NAN);
    both[i]->soften(scores[i], keys, width, lanes, top[i], sum[i], factor[i], 1);
    float *next = copy(second, keys * width);
    for (int64_t k = 0; k < keys * width; k++) next[k] *= 9;
    both[i]->soften(next, keys, width, lanes, top[i], sum[i], factor[i], 0);
    memcpy(scores[i], next, (size_t)(keys * width) * sizeof(float));
    values[i] = copy(given, features * width);
    both[i]->rescale(values[i], features, width, lanes, factor[i]);
  }
  check_close(top[0], top[1], queries, 0, 0, "top of %lld keys, %lld lanes", (long long)keys, (long long)lanes);
  check_close(sum[0], sum[1], queries, 4e-6, 0, "sum of %lld keys, %lld lanes", (long long)keys, (long long)lanes);
  check_close(factor[0], factor[1], queries, 2e-6, 1e-37, "factor of %lld keys, %lld lanes", (long long)keys, (long long)lanes);
  for (int64_t k = 0; k < keys; k++)
    check_close(scores[0] + k * width, scores[1] + k * width, queries, 2e-6, 1e-37, "scores of %lld keys, %lld lanes", (long long)keys, (long long)lanes);
  for (int64_t f = 0; f < features; f++)
    check_close(values[0] + f * width, values[1] + f * width, queries, 2e-6, 1e-37, "values of %lld keys, %lld lanes", (long long)keys, (long long)lanes);
  for (int form = 0; form < 4; form++) {
    const int64_t query_stride = form & 1 ? features + 1 : 1, feature_stride = form & 1 ? 1 : queries + 2, size = queries * (features + 1) + features * (queries + 2);
    for (int i = 0; i < 2; i++) {
      y[i] = filled_floats(size, 7);
      float *v = copy(given, features * width), *s = copy(sum[1], lanes);
      s[0] = 0;
      for (int64_t f = 0; f < features; f++) v[f * width] = 0;
      both[i]->finish(y[i], query_stride, feature_stride, v, features, width, s, queries, form >> 1);
    }
    check_close(y[0], y[1], size, 1e-6, 1e-37, "finish of %lld queries, form %d", (long long)queries, form);
  }
}

// Scores and, with sums, weights of heads that talk.
static void check_mix(const onyx_attention_row *row, const onyx_attention_row *scalar, int64_t heads, int64_t keys, int64_t lanes) {
  const int64_t width = lanes + 16, stride = (keys + 1) * width, count = (heads - 1) * stride + (keys - 1) * width + lanes;
  const float *given = random_floats(count, 1), *weights = random_floats(heads * heads, 2), *bias = random_floats(heads, 3);
  float *sums = copy(random_floats(heads * width, 4), heads * width);
  for (int64_t i = 0; i < heads * width; i++) sums[i] += 2;
  for (int form = 0; form < 4; form++) {
    const float *b = form & 1 ? bias : 0, *s = form & 2 ? sums : 0;
    float *y = copy(given, count), *e = copy(given, count);
    row->mix(y, heads, stride, keys, width, lanes, weights, b, s), scalar->mix(e, heads, stride, keys, width, lanes, weights, b, s);
    check_close(y, e, count, 2e-6, 4e-6, "mix of %lld heads, %lld keys, %lld lanes", (long long)heads, (long long)keys, (long long)lanes);
  }
  // What the scalar row gives is the formula.
  float *e = copy(given, count);
  scalar->mix(e, heads, stride, keys, width, lanes, weights, bias, sums);
  for (int64_t g = 0; g < heads; g++)
    for (int64_t x = 0; x < lanes; x++) {
      double sum = (double)bias[g];
      for (int64_t h = 0; h < heads; h++) sum += (double)weights[h * heads + g] * (double)given[h * stride + x] / (double)sums[h * width + x];
      const float expected = (float)sum;
      check_close(e + g * stride + x, &expected, 1, 2e-6, 4e-6, "formula of mix, %lld heads", (long long)heads);
    }
}

FAMILY(attention) {
  static const int64_t heads[] = {1, 2, 4, 5, 6, 8, 16, 32};
  for (int64_t i = 0; i < COUNT(heads); i++)
    for (int64_t lanes = 16; lanes <= 64; lanes += 16) check_mix(row, scalar, heads[i], 1 + 3 * (lanes / 16), lanes);
  for (int64_t keys = 1; keys < 70; keys += 6)
    for (int64_t lanes = 16; lanes <= 64; lanes += 16)
      for (int64_t queries = lanes - 15; queries <= lanes; queries += 7) check_softmax(row, scalar, keys, lanes, queries);
}
