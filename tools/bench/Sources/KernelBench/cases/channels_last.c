#include "../bench.h"

BENCH_ROWS(channels_last)

enum { COUNT = 28, CHANNELS = 96, BLOCK = ONYX_CHANNELS_LAST_BLOCK };

static bench_work depthwise(uint32_t isa, int64_t calls) {
  enum { SIZE = 7 };
  const onyx_channels_last_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->depthwise(bench_area(1), CHANNELS, bench_area(0), BLOCK, (COUNT + SIZE) * BLOCK, BLOCK, bench_area(2), bench_area(3), SIZE, SIZE, COUNT, BLOCK);
  return (bench_work){.flops = 2.0 * SIZE * SIZE * COUNT * BLOCK, .calls = calls};
}

static bench_work stage(uint32_t isa, int64_t calls) {
  const onyx_channels_last_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->stage(bench_area(1), bench_area(0), COUNT * COUNT, CHANNELS, BLOCK);
  const double bytes = 4.0 * COUNT * COUNT * BLOCK;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static const bench_case cases[] = {
  {"channels", "depthwise 7x7, row of 28", BENCH_FMA, depthwise},
  {"channels", "stage, 16 of 96 channels", BENCH_L2, stage},
};

bench_family bench_channels_last(void) { return BENCH_FAMILY(cases); }
