#include "../bench.h"

BENCH_ROWS(int8)

static const onyx_int8_epilogue sums = {.kind = ONYX_INT8_SUMS};

static bench_work block(uint32_t isa, int64_t calls) {
  enum { K = 256, ROWS = 112, COLUMNS = 256 };
  const onyx_int8_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->block(K, bench_area(0), ROWS, bench_area(1), COLUMNS, bench_area(2), COLUMNS, 1, &sums);
  return (bench_work){.flops = 2.0 * ROWS * COLUMNS * K, .calls = calls};
}

static bench_work pack_columns(uint32_t isa, int64_t calls) {
  enum { K = 256, LANES = 256 };
  const onyx_int8_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->pack_columns(bench_area(1), (const uint8_t *)bench_area(0), 1, LANES, LANES, K, 0x80, 1, NULL);
  const double bytes = (double)K * LANES;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static const bench_case cases[] = {
  {"int8", "block, 112 x 256, k 256", BENCH_BYTES, block},
  {"int8", "pack columns, 256 x 256", BENCH_L2, pack_columns},
};

bench_family bench_int8(void) { return BENCH_FAMILY(cases); }
