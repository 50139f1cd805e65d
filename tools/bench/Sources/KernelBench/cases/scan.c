#include "../bench.h"

BENCH_ROWS(scan)

static bench_work sums(uint32_t isa, int64_t calls) {
  enum { ROWS = 8, WIDTH = 256 };
  static double totals[WIDTH];
  const onyx_scan_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->after[ONYX_TYPE_f32 * ONYX_SCAN_KINDS](bench_area(1), bench_area(0), totals, ROWS, WIDTH, WIDTH);
  return (bench_work){.read = 4.0 * ROWS * WIDTH, .written = 4.0 * ROWS * WIDTH, .calls = calls};
}

static const bench_case cases[] = {{"scan", "running sums, 8 rows of 256 floats", BENCH_L1, sums}};

bench_family bench_scan(void) { return BENCH_FAMILY(cases); }
