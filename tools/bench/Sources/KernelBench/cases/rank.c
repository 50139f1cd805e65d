#include "../bench.h"

BENCH_ROWS(rank)

static volatile int64_t sink;

static bench_work line(uint32_t isa, int64_t calls, int type, double width) {
  const onyx_rank_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) sink = row->line[type * ONYX_RANK_KINDS](bench_area(0), BENCH_SMALL, 0);
  return (bench_work){.read = width * BENCH_SMALL, .calls = calls};
}

static bench_work line_f32(uint32_t isa, int64_t calls) { return line(isa, calls, ONYX_TYPE_f32, 4); }
static bench_work line_u8(uint32_t isa, int64_t calls) { return line(isa, calls, ONYX_TYPE_u8, 1); }

static bench_work columns(uint32_t isa, int64_t calls) {
  enum { ROWS = 16, WIDTH = 256 };
  static int32_t places[WIDTH];
  static uint64_t best[WIDTH];
  const onyx_rank_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->columns[ONYX_TYPE_f32 * ONYX_RANK_KINDS](places, best, bench_area(0), ROWS, WIDTH, WIDTH, 0);
  return (bench_work){.read = 4.0 * ROWS * WIDTH, .calls = calls};
}

static bench_work keys(uint32_t isa, int64_t calls) {
  const onyx_rank_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->keys[ONYX_TYPE_f32](bench_area(1), bench_area(0), BENCH_SMALL, 0);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .written = 4.0 * BENCH_SMALL, .calls = calls};
}

static const bench_case cases[] = {
  {"rank", "largest of 2 Ki floats", BENCH_L1, line_f32},
  {"rank", "largest of 2 Ki bytes", BENCH_L1, line_u8},
  {"rank", "largest of 256 columns of 16", BENCH_L1, columns},
  {"rank", "keys of 2 Ki floats", BENCH_L1, keys},
};

bench_family bench_rank(void) { return BENCH_FAMILY(cases); }
