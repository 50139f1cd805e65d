#include "../bench.h"

BENCH_ROWS(reduce)

static volatile float sink;

static bench_work run(uint32_t isa, int64_t calls, int kind, int64_t n) {
  const onyx_reduce_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) sink = row->run[kind](bench_area(0), n);
  return (bench_work){.read = 4.0 * (double)n, .calls = calls};
}

static bench_work sum_l1(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_REDUCE_SUM, BENCH_SMALL); }
static bench_work max_l1(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_REDUCE_MAX, BENCH_SMALL); }
static bench_work square_l1(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_REDUCE_SUM_SQUARE, BENCH_SMALL); }
static bench_work sum_l2(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_REDUCE_SUM, BENCH_MEDIUM); }
static bench_work sum_49(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_REDUCE_SUM, 49); }
static bench_work sum_dram(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_REDUCE_SUM, BENCH_LARGE * 2); }

static bench_work rows(uint32_t isa, int64_t calls) {
  enum { ROWS = 64, WIDTH = 512 };
  const onyx_reduce_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->rows[ONYX_REDUCE_MAX](bench_area(1), bench_area(0), ROWS, WIDTH, WIDTH);
  return (bench_work){.read = 4.0 * ROWS * WIDTH, .calls = calls};
}

static bench_work sum_exp(uint32_t isa, int64_t calls) {
  const onyx_reduce_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) sink = row->sum_exp(bench_area(0), BENCH_SMALL, 2);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .calls = calls};
}

static const bench_case cases[] = {
  {"reduce", "sum, 2 Ki", BENCH_L1, sum_l1},       {"reduce", "max, 2 Ki", BENCH_L1, max_l1},
  {"reduce", "sum of squares, 2 Ki", BENCH_L1, square_l1}, {"reduce", "sum, 49", BENCH_L1, sum_49},
  {"reduce", "sum, 32 Ki", BENCH_L2, sum_l2},      {"reduce", "sum, 32 Mi", BENCH_DRAM, sum_dram},
  {"reduce", "max of 64 rows of 512", BENCH_L2, rows},     {"reduce", "sum of exp, 2 Ki", BENCH_L1, sum_exp},
};

bench_family bench_reduce(void) { return BENCH_FAMILY(cases); }
