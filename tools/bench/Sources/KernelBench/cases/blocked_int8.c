#include "../bench.h"

BENCH_ROWS(blocked_int8)

enum { CHANNELS = 64, WIDTH = 56, TAPS = 9, PIXELS = 1024 };

// A tile over one row of a feature map; `kernel` x `kernel` taps over CHANNELS input channels.
static bench_work tile(uint32_t isa, int64_t calls, int64_t kernel, int64_t pixels) {
  const onyx_blocked_int8_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  if (pixels == 0 || pixels > row->pixels) pixels = row->pixels;
  int64_t runs[TAPS * CHANNELS / ONYX_BLOCK], count = 0;
  for (int64_t block = 0; block < CHANNELS / ONYX_BLOCK; block++)
    for (int64_t tap = 0; tap < kernel * kernel; tap++)
      runs[count++] = (block * WIDTH * WIDTH + tap / kernel * WIDTH + tap % kernel) * ONYX_BLOCK;
  const int64_t terms = count * ONYX_BLOCK;
  static const int32_t bias[2 * ONYX_BLOCK];
  static const float scale[2 * ONYX_BLOCK];
  const onyx_blocked_int8_tile tile = {
    .x = bench_area(0), .runs = runs, .run_count = count, .run_words = ONYX_BLOCK / row->group, .pixel_stride = ONYX_BLOCK,
    .w = (const int8_t *)bench_area(1), .w_panel_stride = terms * ONYX_BLOCK, .y = (uint8_t *)bench_area(2),
    .y_panel_stride = pixels * ONYX_BLOCK, .bias = bias, .scale = scale, .low = -128, .high = 127, .is_signed = 1,
  };
  for (int64_t i = 0; i < calls; i++) row->tile(&tile, pixels, row->panels);
  return (bench_work){.flops = 2.0 * (double)(terms * pixels * row->panels * ONYX_BLOCK), .calls = calls};
}

static bench_work point(uint32_t isa, int64_t calls) { return tile(isa, calls, 1, 0); }
static bench_work square(uint32_t isa, int64_t calls) { return tile(isa, calls, 3, 0); }
static bench_work seven_pixels(uint32_t isa, int64_t calls) { return tile(isa, calls, 3, 7); }

static bench_work moved(int64_t calls) {
  const double bytes = (double)PIXELS * ONYX_BLOCK;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static bench_work block(uint32_t isa, int64_t calls) {
  const onyx_blocked_int8_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->block((uint8_t *)bench_area(1), (const uint8_t *)bench_area(0), PIXELS + 64, ONYX_BLOCK, PIXELS);
  return moved(calls);
}

static bench_work unblock(uint32_t isa, int64_t calls) {
  const onyx_blocked_int8_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->unblock((uint8_t *)bench_area(1), PIXELS + 64, (const uint8_t *)bench_area(0), ONYX_BLOCK, PIXELS);
  return moved(calls);
}

static const bench_case cases[] = {
  {"blocked_int8", "tile 1x1, 64 channels", BENCH_BYTES, point},
  {"blocked_int8", "tile 3x3, 64 channels", BENCH_BYTES, square},
  {"blocked_int8", "tile 3x3, 7 pixels", BENCH_BYTES, seven_pixels},
  {"blocked_int8", "block", BENCH_L1, block},
  {"blocked_int8", "unblock", BENCH_L1, unblock},
};

bench_family bench_blocked_int8(void) { return BENCH_FAMILY(cases); }
