#include "../bench.h"

BENCH_ROWS(pool)

enum { TAPS = 9, STRIDE = 64, WIDTH = 56 };

static bench_work pool(uint32_t isa, int64_t calls, bool average) {
  const onyx_pool_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int64_t offsets[TAPS];
  for (int64_t tap = 0; tap < TAPS; tap++) offsets[tap] = tap / 3 * STRIDE + tap % 3;
  for (int64_t i = 0; i < calls; i++) {
    if (average) row->average_row(bench_area(1), WIDTH, bench_area(0), offsets, TAPS, bench_area(2));
    else row->max_row(bench_area(1), WIDTH, bench_area(0), offsets, TAPS);
  }
  // Every tap is a read of its own from the nearest cache.
  return (bench_work){.read = 4.0 * TAPS * WIDTH, .written = 4.0 * WIDTH, .calls = calls};
}

static bench_work maximum(uint32_t isa, int64_t calls) { return pool(isa, calls, false); }
static bench_work average(uint32_t isa, int64_t calls) { return pool(isa, calls, true); }

static const bench_case cases[] = {
  {"pool", "max, 3x3, row of 56", BENCH_L1, maximum},
  {"pool", "average, 3x3, row of 56", BENCH_L1, average},
};

bench_family bench_pool(void) { return BENCH_FAMILY(cases); }
