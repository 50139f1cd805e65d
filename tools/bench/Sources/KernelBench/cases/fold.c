#include "../bench.h"

BENCH_ROWS(fold)

static bench_work run(uint32_t isa, int64_t calls, int type, int kind, int64_t n, double width) {
  const onyx_fold_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  static uint64_t acc;
  for (int64_t i = 0; i < calls; i++) row->run[type * ONYX_FOLD_KINDS + kind](&acc, bench_area(0), n);
  return (bench_work){.read = width * (double)n, .calls = calls};
}

static bench_work sum_f64(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_FOLD_F64, ONYX_REDUCE_SUM, BENCH_SMALL, 8); }
static bench_work sum_i32(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_FOLD_I32, ONYX_REDUCE_SUM, BENCH_SMALL, 4); }
static bench_work max_u8(uint32_t isa, int64_t calls) { return run(isa, calls, ONYX_FOLD_U8, ONYX_REDUCE_MAX, BENCH_SMALL, 1); }

static bench_work exponentials(uint32_t isa, int64_t calls) {
  const onyx_fold_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  static const double shift = 700;
  static double sum;
  for (int64_t i = 0; i < calls; i++) row->exp_lines(&sum, (const double *)bench_area(0), 1, BENCH_SMALL, &shift);
  return (bench_work){.read = 8.0 * BENCH_SMALL, .calls = calls};
}

static const bench_case cases[] = {
  {"fold", "sum of doubles, 2 Ki", BENCH_L1, sum_f64},
  {"fold", "sum of int32, 2 Ki", BENCH_L1, sum_i32},
  {"fold", "max of bytes, 2 Ki", BENCH_L1, max_u8},
  {"fold", "exponentials of doubles, 2 Ki", BENCH_L1, exponentials},
};

bench_family bench_fold(void) { return BENCH_FAMILY(cases); }
