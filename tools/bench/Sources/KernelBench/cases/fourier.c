#include "../bench.h"

BENCH_ROWS(fourier)

// Eight lanes of 256 numbers: 32 KiB from one area to another.
enum { LENGTH = 256 };

static bench_work pass(uint32_t isa, int64_t calls, int64_t r, int64_t s, double flops) {
  const onyx_fourier_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t m = LENGTH / (r * s), n = r * m * s * ONYX_FOURIER_LANES;
  double *x = (double *)bench_area(0), *y = (double *)bench_area(1);
  for (int64_t i = 0; i < calls; i++) row->pass(y, y + n, x, x + n, r, m, s, (double *)bench_area(2), (double *)bench_area(3));
  return (bench_work){.flops = flops * (double)n, .read = 16.0 * (double)n, .written = 16.0 * (double)n, .calls = calls};
}

static bench_work pass_4(uint32_t isa, int64_t calls) { return pass(isa, calls, 4, 4, 8.5); }
static bench_work pass_5(uint32_t isa, int64_t calls) { return pass(isa, calls, 5, 5, 13.6); }
static bench_work pass_7(uint32_t isa, int64_t calls) { return pass(isa, calls, 7, 1, 54); }

static bench_work join(uint32_t isa, int64_t calls) {
  const onyx_fourier_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t n = LENGTH * ONYX_FOURIER_LANES;
  double *x = (double *)bench_area(0), *y = (double *)bench_area(1);
  for (int64_t i = 0; i < calls; i++) row->join(y, y + n, x, x + n, LENGTH, (double *)bench_area(2));
  return (bench_work){.flops = 14.0 * (double)n, .read = 32.0 * (double)n, .written = 16.0 * (double)n, .calls = calls};
}

static const bench_case cases[] = {
  {"fourier", "radix 4 of 8 x 256", BENCH_L2, pass_4}, {"fourier", "radix 5 of 8 x 250", BENCH_L2, pass_5},
  {"fourier", "radix 7 of 8 x 252", BENCH_FMA, pass_7}, {"fourier", "join 8 x 256", BENCH_L2, join},
};

bench_family bench_fourier(void) { return BENCH_FAMILY(cases); }
