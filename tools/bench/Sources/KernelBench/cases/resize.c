#include "../bench.h"

BENCH_ROWS(resize)

enum { LENGTH = 112, COUNT = 2 * LENGTH, TAPS = 2, ROWS = 2, LANES = 16 };

static bench_work across(uint32_t isa, int64_t calls) {
  const onyx_resize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int32_t bases[COUNT], indices[COUNT * TAPS];
  const int64_t lanes = row->lanes;
  for (int64_t g = 0; g < COUNT / lanes; g++) {
    bases[g] = row->window ? (int32_t)(g * lanes / 2) : -1;
    for (int64_t i = 0; i < TAPS * lanes; i++) {
      const int64_t at = (g * lanes + i % lanes) / 2 + i / lanes;
      indices[g * TAPS * lanes + i] = (int32_t)((at < LENGTH ? at : LENGTH - 1) - (row->window ? bases[g] : 0));
    }
  }
  const onyx_resize_axis axis = {COUNT, LENGTH, TAPS, bases, indices, bench_area(2)};
  for (int64_t i = 0; i < calls; i++) row->across(bench_area(1), bench_area(0), &axis);
  return (bench_work){.read = 4.0 * COUNT * (2 * TAPS + 1), .written = 4.0 * COUNT, .calls = calls};
}

static bench_work down(uint32_t isa, int64_t calls) {
  const onyx_resize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int32_t indices[ROWS] = {0, 1};
  for (int64_t i = 0; i < calls; i++) row->down(bench_area(1), bench_area(0), COUNT, 0, indices, bench_area(2), ROWS, COUNT);
  return (bench_work){.read = 4.0 * ROWS * COUNT, .written = 4.0 * COUNT, .calls = calls};
}

static bench_work across_runs(uint32_t isa, int64_t calls) {
  const onyx_resize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int32_t indices[COUNT * TAPS];
  for (int32_t i = 0; i < COUNT * TAPS; i++) indices[i] = i / TAPS / 2 + i % TAPS;
  for (int64_t i = 0; i < calls; i++)
    row->across_runs(bench_area(1), bench_area(0), indices, bench_area(2), TAPS, COUNT, LANES);
  return (bench_work){.read = 4.0 * TAPS * COUNT * LANES, .written = 4.0 * COUNT * LANES, .calls = calls};
}

static const bench_case cases[] = {
  {"resize", "across, linear, 112 to 224", BENCH_L1, across},
  {"resize", "down, 2 rows of 224", BENCH_L1, down},
  {"resize", "across blocks, linear, 112 to 224", BENCH_L1, across_runs},
};

bench_family bench_resize(void) { return BENCH_FAMILY(cases); }
