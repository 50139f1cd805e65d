#include <math.h>

#include "../bench.h"

BENCH_ROWS(bf16)

// The largest tile over one run of 512 terms; whatever the areas hold are numbers of bfloat16.
static bench_work tile(uint32_t isa, int64_t calls) {
  enum { K = 512 };
  static const int64_t start = 0;
  const onyx_bf16_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_bf16_tile t = {
    .x = (const uint16_t *)bench_area(0), .runs = &start, .run_count = 1, .run_length = K, .x_stride = K, .w = (const uint16_t *)bench_area(1),
    .w_panel_stride = K * ONYX_BLOCK, .y = bench_area(2), .y_panel_stride = row->rows * ONYX_BLOCK, .y_stride = ONYX_BLOCK, .lanes = ONYX_BLOCK,
    .low = -INFINITY, .high = INFINITY};
  for (int64_t i = 0; i < calls; i++) row->tile(&t, row->rows, row->panels);
  return (bench_work){.flops = 2.0 * row->rows * row->panels * ONYX_BLOCK * K, .calls = calls};
}

static bench_work rounding(uint32_t isa, int64_t calls) {
  const onyx_bf16_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->round((uint16_t *)bench_area(1), bench_area(0), BENCH_SMALL);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .written = 2.0 * BENCH_SMALL, .calls = calls};
}

static const bench_case cases[] = {
  {"bf16", "largest tile, k 512", BENCH_HALVES, tile},
  {"bf16", "round, 2 Ki", BENCH_L1, rounding},
};

bench_family bench_bf16(void) { return BENCH_FAMILY(cases); }
