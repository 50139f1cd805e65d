#include "../bench.h"

BENCH_ROWS(sample)

enum { BINS = 7, PER_BIN = 3, EXTENT = 21, LANES = 16, PIXELS = 256, TAPS = 4 };

// A region of 7 x 7 bins with 3 x 3 elements each.
static bench_work pool(uint32_t isa, int64_t calls, bool maximum) {
  const onyx_sample_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int32_t starts[BINS + 1];
  int64_t lines[EXTENT], columns[EXTENT];
  uint8_t clipped[BINS] = {0};
  for (int b = 0; b <= BINS; b++) starts[b] = b * PER_BIN;
  for (int64_t i = 0; i < EXTENT; i++) columns[i] = i * LANES, lines[i] = i * EXTENT * LANES;
  const float *weights = bench_area(2);
  const onyx_sample_axis down = {BINS, starts, lines, weights, weights, weights, clipped};
  const onyx_sample_axis across = {BINS, starts, columns, weights, weights, weights, clipped};
  for (int64_t i = 0; i < calls; i++) {
    if (maximum) row->maximum_blocks(bench_area(1), bench_area(0), &down, &across);
    else row->average_blocks(bench_area(1), bench_area(0), &down, &across, 4);
  }
  const double bins = BINS * BINS * LANES;
  return (bench_work){.read = 4.0 * PER_BIN * PER_BIN * bins, .written = 4.0 * bins, .calls = calls};
}

static bench_work average(uint32_t isa, int64_t calls) { return pool(isa, calls, false); }
static bench_work maximum(uint32_t isa, int64_t calls) { return pool(isa, calls, true); }

static bench_work gather(uint32_t isa, int64_t calls) {
  const onyx_sample_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int32_t indices[PIXELS * TAPS];
  for (int32_t i = 0; i < PIXELS * TAPS; i++) indices[i] = i / TAPS + i % 2 + i % TAPS / 2 * 16;
  for (int64_t i = 0; i < calls; i++)
    row->gather_blocks(bench_area(1), LANES, bench_area(0), indices, bench_area(2), TAPS, PIXELS);
  return (bench_work){.read = 4.0 * TAPS * PIXELS * LANES, .written = 4.0 * PIXELS * LANES, .calls = calls};
}

static const bench_case cases[] = {
  {"sample", "average of 7x7 bins, blocks", BENCH_L1, average},
  {"sample", "maximum of 7x7 bins, blocks", BENCH_L1, maximum},
  {"sample", "gather, 4 taps, blocks", BENCH_L1, gather},
};

bench_family bench_sample(void) { return BENCH_FAMILY(cases); }
