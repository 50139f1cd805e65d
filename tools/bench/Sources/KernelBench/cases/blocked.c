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

static const bench_case cases[] = {
  {"blocked", "tile 1x1, 64 channels", BENCH_FMA, point},
  {"blocked", "tile 3x3, 64 channels", BENCH_FMA, square},
  {"blocked", "tile 1x1, 7 pixels", BENCH_FMA, seven_pixels},
  {"blocked", "tile 1x1, one panel", BENCH_FMA, one_panel},
  {"blocked", "block", BENCH_L2, block},
  {"blocked", "unblock", BENCH_L2, unblock},
  {"blocked", "scale", BENCH_L2, scale},
};

bench_family bench_blocked(void) { return BENCH_FAMILY(cases); }
