#include "../bench.h"

BENCH_ROWS(layers)

enum { TAPS = 3, WIDTH = 56 };

static bench_work window(uint32_t isa, int64_t calls, int type, int64_t stride) {
  const onyx_layers_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t offsets[TAPS] = {0, 1, 2};
  for (int64_t i = 0; i < calls; i++)
    row->window[type * ONYX_WINDOW_KINDS + ONYX_WINDOW_MAX](bench_area(1), WIDTH, bench_area(0), stride, offsets, TAPS);
  const double bytes = type == ONYX_LAYER_F32 ? 4 : 8;
  return (bench_work){.read = bytes * TAPS * WIDTH, .written = bytes * WIDTH, .calls = calls};
}

static bench_work plain(uint32_t isa, int64_t calls) { return window(isa, calls, ONYX_LAYER_F32, 1); }
static bench_work halved(uint32_t isa, int64_t calls) { return window(isa, calls, ONYX_LAYER_F32, 2); }
static bench_work doubles(uint32_t isa, int64_t calls) { return window(isa, calls, ONYX_LAYER_F64, 1); }

static bench_work weigh(uint32_t isa, int64_t calls) {
  const onyx_layers_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t offsets[9] = {0, 1, 2, 64, 65, 66, 128, 129, 130};
  for (int64_t i = 0; i < calls; i++)
    row->weigh[ONYX_LAYER_F64](bench_area(1), WIDTH, bench_area(0), 1, offsets, bench_area(2), 9, bench_area(2));
  return (bench_work){.flops = 2.0 * 9 * WIDTH, .calls = calls};
}

static bench_work moments(uint32_t isa, int64_t calls) {
  const onyx_layers_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  double found[2];
  for (int64_t i = 0; i < calls; i++) row->moments[ONYX_LAYER_F64](bench_area(0), BENCH_SMALL, &found[0], &found[1]);
  return (bench_work){.read = 2.0 * 8 * BENCH_SMALL, .calls = calls};
}

static bench_work average(uint32_t isa, int64_t calls) {
  const onyx_layers_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  // Divided by one, numbers stay what they are.
  double ones[WIDTH];
  for (int64_t x = 0; x < WIDTH; x++) ones[x] = 1;
  for (int64_t i = 0; i < calls; i++) row->average[ONYX_LAYER_F64](bench_area(0), ones, ones, 8, WIDTH);
  return (bench_work){.read = 8.0 * 24 * WIDTH, .written = 8.0 * 8 * WIDTH, .calls = calls};
}

static const bench_case cases[] = {
  {"layers", "maximum of 3, row of 56", BENCH_L1, plain},
  {"layers", "maximum of 3, stride 2", BENCH_L1, halved},
  {"layers", "maximum of 3, doubles", BENCH_L1, doubles},
  {"layers", "weighted 3x3, row of 56 doubles", BENCH_FMA, weigh},
  {"layers", "moments of doubles", BENCH_L1, moments},
  {"layers", "averages, 8 rows of 56 doubles", BENCH_L1, average},
};

bench_family bench_layers(void) { return BENCH_FAMILY(cases); }
