#include "../bench.h"

BENCH_ROWS(winograd)

// 64 channels of 56 x 56 for tiles of four, of 14 x 14 for tiles of two; one row of tiles.
enum { CHANNELS = 64, TILES = 14, BLOCK_FLOATS = 16 };

static const onyx_winograd_size *size_of(const onyx_winograd_row *row, int32_t size) { return size == 4 ? &row->four : &row->two; }
static int64_t positions_of(int64_t size) { return (size + 2) * (size + 2); }

static bench_work product(uint32_t isa, int64_t calls, int64_t size, int64_t tiles) {
  const onyx_winograd_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t positions = positions_of(size);
  const onyx_winograd_product product = {
    .v = bench_area(0), .v_position_stride = CHANNELS * tiles, .v_block_stride = BLOCK_FLOATS * tiles, .u = bench_area(1),
    .u_position_stride = CHANNELS * BLOCK_FLOATS, .m = bench_area(2), .m_position_stride = tiles * BLOCK_FLOATS, .positions = positions, .tiles = tiles,
    .channels = CHANNELS,
  };
  for (int64_t i = 0; i < calls; i++) row->product(&product);
  return (bench_work){.flops = 2.0 * (double)(positions * tiles * CHANNELS * BLOCK_FLOATS), .calls = calls};
}

static bench_work product_four(uint32_t isa, int64_t calls) { return product(isa, calls, 4, TILES); }
static bench_work product_two(uint32_t isa, int64_t calls) { return product(isa, calls, 2, TILES / 2); }

static bench_work few_product(uint32_t isa, int64_t calls) {
  const onyx_winograd_row *row = row_of(isa);
  if (!row || row->few == 0) return (bench_work){0};
  const int64_t tiles = row->few < 4 ? row->few : 4;
  const onyx_winograd_product product = {
    .v = bench_area(0), .v_position_stride = CHANNELS * tiles, .v_block_stride = BLOCK_FLOATS * tiles, .u = bench_area(1), .m = bench_area(2),
    .m_position_stride = tiles * BLOCK_FLOATS, .positions = 36, .tiles = tiles, .channels = CHANNELS,
  };
  for (int64_t i = 0; i < calls; i++) row->few_product(&product);
  return (bench_work){.flops = 2.0 * 36 * (double)(tiles * CHANNELS * BLOCK_FLOATS), .calls = calls};
}

static bench_work input(uint32_t isa, int64_t calls, int32_t size) {
  const onyx_winograd_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t extent = TILES * size;
  const onyx_winograd_input input = {
    .x = bench_area(0), .height = extent, .width = extent, .top = size - 1, .left = -1, .count = TILES, .v = bench_area(1),
    .position_stride = TILES * BLOCK_FLOATS, .squares = bench_area(2),
  };
  for (int64_t i = 0; i < calls; i++) size_of(row, size)->input(&input);
  return (bench_work){
    .read = 4.0 * (double)((size + 2) * extent * BLOCK_FLOATS), .written = 4.0 * (double)((positions_of(size) + 4) * TILES * BLOCK_FLOATS), .calls = calls};
}

static bench_work input_four(uint32_t isa, int64_t calls) { return input(isa, calls, 4); }
static bench_work input_two(uint32_t isa, int64_t calls) { return input(isa, calls, 2); }

static bench_work output(uint32_t isa, int64_t calls, int32_t size) {
  const onyx_winograd_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t extent = TILES * size;
  const onyx_winograd_direct direct = {.x = bench_area(0), .channels = BLOCK_FLOATS, .height = extent, .width = extent, .g = bench_area(2)};
  const onyx_winograd_output output = {
    .m = bench_area(0), .position_stride = TILES * BLOCK_FLOATS, .y = bench_area(1), .height = extent, .width = extent, .top = size, .count = TILES,
    .bias = bench_area(2), .low = 0, .high = 1e30f, .direct = &direct,
  };
  for (int64_t i = 0; i < calls; i++) size_of(row, size)->output(&output);
  return (bench_work){
    .read = 4.0 * (double)(positions_of(size) * TILES * BLOCK_FLOATS), .written = 4.0 * (double)(size * extent * BLOCK_FLOATS), .calls = calls};
}

static bench_work output_four(uint32_t isa, int64_t calls) { return output(isa, calls, 4); }
static bench_work output_two(uint32_t isa, int64_t calls) { return output(isa, calls, 2); }

static bench_work filter_four(uint32_t isa, int64_t calls) {
  const onyx_winograd_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->four.filter(bench_area(1), CHANNELS * BLOCK_FLOATS, bench_area(0), CHANNELS);
  const double filters = 4.0 * CHANNELS * BLOCK_FLOATS;
  return (bench_work){.read = 9 * filters, .written = 36 * filters, .calls = calls};
}

static const bench_case cases[] = {
  {"winograd", "product 4x4, 14 tiles", BENCH_FMA, product_four}, {"winograd", "product 2x2, 7 tiles", BENCH_FMA, product_two},
  {"winograd", "product of few tiles", BENCH_FMA, few_product},   {"winograd", "input 4x4, 14 tiles", BENCH_L1, input_four},
  {"winograd", "input 2x2, 14 tiles", BENCH_L1, input_two},       {"winograd", "output 4x4, 14 tiles", BENCH_L1, output_four},
  {"winograd", "output 2x2, 14 tiles", BENCH_L1, output_two},     {"winograd", "filter 4x4, 64 channels", BENCH_L2, filter_four},
};

bench_family bench_winograd(void) { return BENCH_FAMILY(cases); }
