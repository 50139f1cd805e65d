#include "../bench.h"

BENCH_ROWS(blocked)

enum { CHANNELS = 64, WIDTH = 56, TAPS = 9 };

// A tile over one row of a feature map; `kernel` x `kernel` taps over CHANNELS input channels.
static bench_work tile(uint32_t isa, int64_t calls, int64_t kernel, int64_t pixels, int64_t panels) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  if (pixels == 0 || pixels > row->pixels) pixels = row->pixels;
  if (panels == 0 || panels > row->panels) panels = row->panels;
  int64_t runs[TAPS * CHANNELS / ONYX_BLOCK], count = 0;
  for (int64_t block = 0; block < CHANNELS / ONYX_BLOCK; block++)
    for (int64_t tap = 0; tap < kernel * kernel; tap++)
      runs[count++] = (block * WIDTH * WIDTH + tap / kernel * WIDTH + tap % kernel) * ONYX_BLOCK;
  const int64_t terms = count * ONYX_BLOCK;
  const onyx_blocked_tile tile = {
    .x = bench_area(0), .runs = runs, .run_count = count, .run_length = ONYX_BLOCK, .pixel_stride = ONYX_BLOCK, .w = bench_area(1),
    .w_panel_stride = terms * ONYX_BLOCK, .y = bench_area(2), .y_panel_stride = pixels * ONYX_BLOCK, .low = -1e30f, .high = 1e30f,
  };
  for (int64_t i = 0; i < calls; i++) row->tile(&tile, pixels, panels);
  return (bench_work){.flops = 2.0 * (double)(terms * pixels * panels * ONYX_BLOCK), .calls = calls};
}

static bench_work point(uint32_t isa, int64_t calls) { return tile(isa, calls, 1, 0, 0); }
static bench_work square(uint32_t isa, int64_t calls) { return tile(isa, calls, 3, 0, 0); }
static bench_work seven_pixels(uint32_t isa, int64_t calls) { return tile(isa, calls, 1, 7, 0); }
static bench_work one_panel(uint32_t isa, int64_t calls) { return tile(isa, calls, 1, 0, 1); }

enum { PIXELS = 1024 };

static bench_work moved(int64_t calls) {
  const double bytes = 4.0 * PIXELS * ONYX_BLOCK;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static bench_work block(uint32_t isa, int64_t calls) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->block(bench_area(1), bench_area(0), PIXELS + 64, ONYX_BLOCK, PIXELS);
  return moved(calls);
}

static bench_work unblock(uint32_t isa, int64_t calls) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->unblock(bench_area(1), PIXELS + 64, bench_area(0), ONYX_BLOCK, PIXELS);
  return moved(calls);
}

static bench_work scale(uint32_t isa, int64_t calls) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->scale(bench_area(1), bench_area(0), bench_area(2), PIXELS);
  return moved(calls);
}

// Blocks whose lanes come from `count` others.
static bench_work gathered(uint32_t isa, int64_t calls, int64_t count) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const float *sources[ONYX_BLOCK];
  int32_t lanes[ONYX_BLOCK * ONYX_BLOCK];
  for (int64_t s = 0; s < count; s++) {
    sources[s] = (const float *)bench_area(0) + s * PIXELS / count * ONYX_BLOCK;
    for (int32_t i = 0; i < ONYX_BLOCK; i++) lanes[s * ONYX_BLOCK + i] = i % count == s ? (i + 5) % ONYX_BLOCK : -1;
  }
  for (int64_t i = 0; i < calls; i++) row->gather(bench_area(1), sources, lanes, count, PIXELS / count);
  return (bench_work){.read = 4.0 * PIXELS * ONYX_BLOCK, .written = 4.0 * PIXELS / (double)count * ONYX_BLOCK, .calls = calls};
}

static bench_work gather_one(uint32_t isa, int64_t calls) { return gathered(isa, calls, 1); }
static bench_work gather_two(uint32_t isa, int64_t calls) { return gathered(isa, calls, 2); }
static bench_work gather_four(uint32_t isa, int64_t calls) { return gathered(isa, calls, 4); }

static bench_work spread(uint32_t isa, int64_t calls) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->spread(bench_area(1), 2 * ONYX_BLOCK, bench_area(0), ONYX_BLOCK, PIXELS);
  return moved(calls);
}

static bench_work moments(uint32_t isa, int64_t calls) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  // Pieces that stay in the first-level cache between both sums.
  for (int64_t i = 0; i < calls; i++)
    for (int64_t p = 0; p < PIXELS; p += 256)
      row->moments(bench_area(0) + p * ONYX_BLOCK, 256, bench_area(1), bench_area(1) + ONYX_BLOCK);
  return (bench_work){.read = 4.0 * PIXELS * ONYX_BLOCK, .calls = calls};
}

static bench_work standardize(uint32_t isa, int64_t calls) {
  const onyx_blocked_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->standardize(bench_area(1), bench_area(0), bench_area(2), bench_area(2), bench_area(2), PIXELS);
  return moved(calls);
}

static const bench_case cases[] = {
  {"blocked", "tile 1x1, 64 channels", BENCH_FMA, point},
  {"blocked", "tile 3x3, 64 channels", BENCH_FMA, square},
  {"blocked", "tile 1x1, 7 pixels", BENCH_FMA, seven_pixels},
  {"blocked", "tile 1x1, one panel", BENCH_FMA, one_panel},
  {"blocked", "block", BENCH_L2, block},
  {"blocked", "unblock", BENCH_L2, unblock},
  {"blocked", "scale", BENCH_L2, scale},
  {"blocked", "gather of one", BENCH_L2, gather_one},
  {"blocked", "gather of two", BENCH_L2, gather_two},
  {"blocked", "gather of four", BENCH_L2, gather_four},
  {"blocked", "spread", BENCH_L2, spread},
  {"blocked", "moments", BENCH_L2, moments},
  {"blocked", "standardize", BENCH_L2, standardize},
};

bench_family bench_blocked(void) { return BENCH_FAMILY(cases); }
