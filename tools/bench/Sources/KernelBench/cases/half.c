#include "../bench.h"

BENCH_ROWS(half)

static bench_work convert(uint32_t isa, int64_t calls, bool narrows) {
  const onyx_half_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) {
    if (narrows) row->narrow[0]((uint16_t *)bench_area(1), bench_area(0), BENCH_SMALL);
    else row->widen[0](bench_area(1), (const uint16_t *)bench_area(0), BENCH_SMALL);
  }
  const double wide = 4.0 * BENCH_SMALL, half = 2.0 * BENCH_SMALL;
  return (bench_work){.read = narrows ? wide : half, .written = narrows ? half : wide, .calls = calls};
}

static bench_work widen(uint32_t isa, int64_t calls) { return convert(isa, calls, false); }
static bench_work narrow(uint32_t isa, int64_t calls) { return convert(isa, calls, true); }

static const bench_case cases[] = {
  {"half", "widen float16, 2 Ki", BENCH_L1, widen},
  {"half", "narrow to float16, 2 Ki", BENCH_L1, narrow},
};

bench_family bench_half(void) { return BENCH_FAMILY(cases); }
