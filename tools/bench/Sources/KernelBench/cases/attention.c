#include "../bench.h"

BENCH_ROWS(attention)

enum { KEYS = 64, FEATURES = 64, WIDTH = 48 };

static bench_work soften(uint32_t isa, int64_t calls) {
  const onyx_attention_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  float *factor = bench_area(3);
  for (int64_t i = 0; i < calls; i++) row->soften(bench_area(0), KEYS, WIDTH, WIDTH, bench_area(1), bench_area(2), factor, 1);
  const double bytes = 4.0 * KEYS * WIDTH;
  return (bench_work){.read = 2 * bytes, .written = bytes, .calls = calls};
}

static bench_work rescale(uint32_t isa, int64_t calls) {
  const onyx_attention_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  float *factor = bench_area(4);
  for (int64_t lane = 0; lane < WIDTH; lane++) factor[lane] = 1;
  for (int64_t i = 0; i < calls; i++) row->rescale(bench_area(0), FEATURES, WIDTH, WIDTH, factor);
  const double bytes = 4.0 * FEATURES * WIDTH;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static bench_work mix(uint32_t isa, int64_t calls) {
  enum { HEADS = 4, MIXED_KEYS = 32, LANES = 32 };
  const onyx_attention_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  float *weights = bench_area(1);
  for (int64_t h = 0; h < HEADS * HEADS; h++) weights[h] = h % (HEADS + 1) == 0;
  for (int64_t i = 0; i < calls; i++)
    row->mix(bench_area(0), HEADS, MIXED_KEYS * LANES, MIXED_KEYS, LANES, LANES, weights, weights, 0);
  const double bytes = 4.0 * HEADS * MIXED_KEYS * LANES;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static const bench_case cases[] = {
  {"attention", "mix, 4 heads x 32 keys x 32 queries", BENCH_L1, mix},
  {"attention", "soften, 64 keys x 48 queries", BENCH_L1, soften},
  {"attention", "rescale, 64 x 48", BENCH_L1, rescale},
};

bench_family bench_attention(void) { return BENCH_FAMILY(cases); }
