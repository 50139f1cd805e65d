#include "../bench.h"

BENCH_ROWS(blocked_window)

static bench_work convolve(uint32_t isa, int64_t calls, int64_t size, int64_t extent, int64_t stride, int64_t group) {
  const onyx_blocked_window_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t outputs = (extent - 1) / stride + 1;
  const onyx_window window = {
    .height = extent, .width = extent, .out_height = outputs, .out_width = outputs, .kernel_height = size, .kernel_width = size, .stride_y = stride,
    .stride_x = stride, .dilation_y = 1, .dilation_x = 1, .pad_y = size / 2, .pad_x = size / 2,
  };
  const onyx_blocked_window arguments = {
    .window = &window, .rows = outputs, .x = bench_area(0), .w = bench_area(1), .bias = bench_area(2), .y = bench_area(3), .low = -1e30f, .high = 1e30f,
  };
  for (int64_t i = 0; i < calls; i++) row->convolve(&arguments, group);
  return (bench_work){.flops = 2.0 * (double)(size * size * outputs * outputs * ONYX_BLOCK * group), .calls = calls};
}

static bench_work depthwise_3(uint32_t isa, int64_t calls) { return convolve(isa, calls, 3, 28, 1, 1); }
static bench_work depthwise_3_stride(uint32_t isa, int64_t calls) { return convolve(isa, calls, 3, 28, 2, 1); }
static bench_work depthwise_5(uint32_t isa, int64_t calls) { return convolve(isa, calls, 5, 14, 1, 1); }
static bench_work depthwise_3_small(uint32_t isa, int64_t calls) { return convolve(isa, calls, 3, 7, 1, 1); }
static bench_work grouped_4(uint32_t isa, int64_t calls) { return convolve(isa, calls, 3, 28, 1, 4); }

static bench_work maximum(uint32_t isa, int64_t calls) {
  enum { EXTENT = 28 };
  const onyx_blocked_window_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_window window = {
    .height = EXTENT, .width = EXTENT, .out_height = EXTENT / 2, .out_width = EXTENT / 2, .kernel_height = 3, .kernel_width = 3, .stride_y = 2, .stride_x = 2,
    .dilation_y = 1, .dilation_x = 1, .pad_y = 1, .pad_x = 1,
  };
  const onyx_blocked_window arguments = {.window = &window, .rows = EXTENT / 2, .x = bench_area(0), .y = bench_area(1)};
  for (int64_t i = 0; i < calls; i++) row->maximum(&arguments);
  const double plane = 4.0 * EXTENT * EXTENT * ONYX_BLOCK;
  return (bench_work){.read = plane, .written = plane / 4, .calls = calls};
}

static const bench_case cases[] = {
  {"window", "depthwise 3x3, 28x28", BENCH_FMA, depthwise_3},       {"window", "depthwise 3x3, 28x28, stride 2", BENCH_FMA, depthwise_3_stride},
  {"window", "depthwise 5x5, 14x14", BENCH_FMA, depthwise_5},       {"window", "depthwise 3x3, 7x7", BENCH_FMA, depthwise_3_small},
  {"window", "groups of 4, 3x3, 28x28", BENCH_FMA, grouped_4}, {"window", "max 3x3, 28x28, stride 2", BENCH_L2, maximum},
};

bench_family bench_blocked_window(void) { return BENCH_FAMILY(cases); }
