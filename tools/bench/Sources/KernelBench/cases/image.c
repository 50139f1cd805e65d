#include "../bench.h"

BENCH_ROWS(image)

enum { EXTENT = 56, ROWS = EXTENT + 2, TAPS = 144, PIXELS = 112 };

static bench_work stage(uint32_t isa, int64_t calls, int64_t stride) {
  const onyx_image_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t phase_width = 64 / stride;
  for (int64_t i = 0; i < calls; i++)
    row->stage_plane(bench_area(1), ROWS, stride, phase_width, bench_area(0), EXTENT, EXTENT, 1, 1, stride, 0);
  return (bench_work){.read = 4.0 * EXTENT * EXTENT, .written = 4.0 * ROWS * 64, .calls = calls};
}

static bench_work stage_1(uint32_t isa, int64_t calls) { return stage(isa, calls, 1); }
static bench_work stage_2(uint32_t isa, int64_t calls) { return stage(isa, calls, 2); }

static bench_work pack_pixels(uint32_t isa, int64_t calls) {
  const onyx_image_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int64_t taps[TAPS], bases[PIXELS / EXTENT];
  for (int64_t t = 0; t < TAPS; t++) taps[t] = t / 9 * 64 * ROWS + t % 9 / 3 * 64 + t % 3;
  for (int64_t r = 0; r < PIXELS / EXTENT; r++) bases[r] = r * 64;
  for (int64_t i = 0; i < calls; i++)
    row->pack_pixels(bench_area(1), 32, 32 * TAPS, bench_area(0), taps, TAPS, bases, EXTENT, 0, PIXELS);
  const double bytes = 4.0 * TAPS * PIXELS;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static const bench_case cases[] = {
  {"image", "stage, 56x56", BENCH_L1, stage_1},
  {"image", "stage, 56x56, stride 2", BENCH_L1, stage_2},
  {"image", "pack pixels, 144 x 112", BENCH_L2, pack_pixels},
};

bench_family bench_image(void) { return BENCH_FAMILY(cases); }
