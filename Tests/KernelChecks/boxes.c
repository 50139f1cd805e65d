#include "check.h"

#include <string.h>

// Few different scores, so that many are equal, among those of all magnitudes.
static float *scores(int64_t n, uint32_t seed) {
  float *x = sweep_floats(n, seed);
  const uint8_t *random = random_bytes(n, seed + 1);
  for (int64_t i = 0; i < n; i++)
    if (random[i] < 128) x[i] = (float)(random[i] % 8) * 0.25f - 1;
  return x;
}

static void check_candidates(const onyx_boxes_row *row, const onyx_boxes_row *scalar, int64_t n) {
  const float *x = scores(n, (uint32_t)n);
  const uint32_t bounds[][2] = {{0, UINT32_MAX}, {0, 0x80000000u}, {0, 0x40c00001u}, {0x40800000u, 0x00800000u}, {5, 0}, {0x7fffffffu, 1},
                                {0xfffffffeu, 1}};
  for (int64_t b = 0; b < COUNT(bounds); b++) {
    uint64_t *keys = guarded((size_t)n * 8), *right = guarded((size_t)n * 8);
    const int64_t found = row->candidates(keys, x, n, bounds[b][0], bounds[b][1]);
    const int64_t expected = scalar->candidates(right, x, n, bounds[b][0], bounds[b][1]);
    check_bits(&found, &expected, sizeof found, "candidates of %lld, bound %lld", (long long)n, (long long)b);
    check_bits(keys, right, (size_t)expected * 8, "keys of %lld, bound %lld", (long long)n, (long long)b);
  }
}

static void check_take(const onyx_boxes_row *row, const onyx_boxes_row *scalar, int64_t n, float threshold, float size) {
  const float *random = random_floats(4 * n, (uint32_t)n);
  const float *wild = sweep_floats(4 * n, (uint32_t)n + 1);
  for (int is_centered = 0; is_centered < 2; is_centered++) {
    float *kept = guarded((size_t)n * 20), *right = guarded((size_t)n * 20);
    int64_t count = 0, expected = 0;
    for (int64_t i = 0; i < n; i++) {
      float box[4];
      memcpy(box, (i % 7 == 3 ? wild : random) + 4 * i, sizeof box);
      if (i % 7 != 3)
        for (int c = 2; c < 4; c++) box[c] = (is_centered ? 0 : box[c - 2]) + size * box[c];
      const int takes = row->take(kept, n, &count, box, is_centered, threshold);
      const int should = scalar->take(right, n, &expected, box, is_centered, threshold);
      check_bits(&takes, &should, sizeof takes, "box %lld of %lld, centred %d, threshold %g", (long long)i, (long long)n, is_centered,
                 (double)threshold);
    }
    check_bits(&count, &expected, sizeof count, "boxes kept of %lld", (long long)n);
    for (int line = 0; line < 5; line++)
      check_bits(kept + line * n, right + line * n, (size_t)expected * 4, "line %d of %lld boxes", line, (long long)n);
  }
}

FAMILY(boxes) {
  for (int64_t n = 1; n < 300; n += n < 70 ? 1 : 23) {
    check_candidates(row, scalar, n);
    const float thresholds[] = {0, 0.3f, 1};
    for (int64_t t = 0; t < COUNT(thresholds); t++)
      for (int dense = 0; dense < 2; dense++) check_take(row, scalar, n, thresholds[t], dense ? 0.8f : 0.02f);
  }
}
