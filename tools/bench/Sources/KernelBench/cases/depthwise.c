#include "../bench.h"

BENCH_ROWS(depthwise)

enum { HEIGHT = 28, WIDTH = 28, STRIDE = 64 };

static bench_work rows(uint32_t isa, int64_t calls) {
  const onyx_depthwise_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  int64_t offsets[9];
  for (int64_t tap = 0; tap < 9; tap++) offsets[tap] = tap / 3 * STRIDE + tap % 3;
  for (int64_t i = 0; i < calls; i++)
    row->rows(bench_area(1), WIDTH, HEIGHT, WIDTH, bench_area(0), STRIDE, offsets, bench_area(2), 9, 0, -1e30f, 1e30f);
  return (bench_work){.flops = 2.0 * 9 * HEIGHT * WIDTH, .calls = calls};
}

static bench_work square(uint32_t isa, int64_t calls, int64_t size, int64_t width) {
  const onyx_depthwise_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t columns[5] = {0, 1, 2, 3, 4};
  for (int64_t i = 0; i < calls; i++)
    row->square(bench_area(1), width, width, bench_area(0), width + size, columns, size, 1, bench_area(2), 0, -1e30f, 1e30f);
  return (bench_work){.flops = 2.0 * (double)(size * size * width * width), .calls = calls};
}

static bench_work square_3_56(uint32_t isa, int64_t calls) { return square(isa, calls, 3, 56); }
static bench_work square_3_14(uint32_t isa, int64_t calls) { return square(isa, calls, 3, 14); }
static bench_work square_5_28(uint32_t isa, int64_t calls) { return square(isa, calls, 5, 28); }

static bench_work channels(uint32_t isa, int64_t calls, int64_t size, int64_t extent) {
  const onyx_depthwise_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_window window = {
    .height = extent, .width = extent, .out_height = extent, .out_width = extent, .kernel_height = size, .kernel_width = size, .stride_y = 1,
    .stride_x = 1, .dilation_y = 1, .dilation_x = 1, .pad_y = size / 2, .pad_x = size / 2,
  };
  for (int64_t i = 0; i < calls; i++) row->channels(bench_area(1), bench_area(0), &window, bench_area(2), bench_area(3), -1e30f, 1e30f);
  return (bench_work){.flops = 2.0 * (double)(size * size * extent * extent * row->lanes), .calls = calls};
}

static bench_work channels_3_14(uint32_t isa, int64_t calls) { return channels(isa, calls, 3, 14); }
static bench_work channels_5_7(uint32_t isa, int64_t calls) { return channels(isa, calls, 5, 7); }

static const bench_case cases[] = {
  {"depthwise", "rows, 3x3 taps, 28x28", BENCH_FMA, rows},          {"depthwise", "square 3x3, 56x56", BENCH_FMA, square_3_56},
  {"depthwise", "square 3x3, 14x14", BENCH_FMA, square_3_14},       {"depthwise", "square 5x5, 28x28", BENCH_FMA, square_5_28},
  {"depthwise", "channels 3x3, 14x14", BENCH_FMA, channels_3_14},   {"depthwise", "channels 5x5, 7x7", BENCH_FMA, channels_5_7},
};

bench_family bench_depthwise(void) { return BENCH_FAMILY(cases); }
