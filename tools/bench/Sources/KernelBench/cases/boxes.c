#include "../bench.h"

BENCH_ROWS(boxes)

static volatile int64_t sink;

static bench_work candidates(uint32_t isa, int64_t calls, uint32_t width) {
  static uint64_t keys[BENCH_SMALL];
  const onyx_boxes_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) sink = row->candidates(keys, bench_area(0), BENCH_SMALL, 0, width);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .written = 8.0 * (double)sink, .calls = calls};
}

// Scores are 0.5 ... 1.5: those above 1.49, and all.
static bench_work few(uint32_t isa, int64_t calls) { return candidates(isa, calls, 0x7fffffffu - 0x3fbeb852u); }
static bench_work all(uint32_t isa, int64_t calls) { return candidates(isa, calls, UINT32_MAX); }

// A box that lies beside all others.
static bench_work apart(uint32_t isa, int64_t calls) {
  enum { COUNT = BENCH_SMALL / 4 };
  const onyx_boxes_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  static float kept[5 * COUNT];
  const float box[4] = {3, 3, 4, 4};
  int64_t count = 0;
  for (int64_t i = 0; i < COUNT - 1; i++) {
    const float inside[4] = {(float)i, -3, (float)i + 0.5f, -2};
    row->take(kept, COUNT, &count, inside, 0, 0.5f);
  }
  for (int64_t i = 0; i < calls; i++) {
    int64_t rest = count;
    sink = row->take(kept, COUNT, &rest, box, 0, 0.5f);
  }
  return (bench_work){.read = 16.0 * (double)count, .calls = calls};
}

static const bench_case cases[] = {
  {"boxes", "few candidates of 2 Ki", BENCH_L1, few},
  {"boxes", "all candidates of 2 Ki", BENCH_L1, all},
  {"boxes", "a box apart from 511", BENCH_L1, apart},
};

bench_family bench_boxes(void) { return BENCH_FAMILY(cases); }
