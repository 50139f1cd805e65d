#include "../bench.h"

BENCH_ROWS(gating)

// A feature map that fits the second-level cache.
enum { CHANNELS = 64, PIXELS = 28 * 28 };

static const double map_bytes = 4.0 * CHANNELS * PIXELS;

static bench_work pool_planes(uint32_t isa, int64_t calls) {
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->pool_planes(bench_area(1), bench_area(2), bench_area(0), CHANNELS, PIXELS, PIXELS);
  return (bench_work){.read = map_bytes, .calls = calls};
}

static bench_work pool_lanes(uint32_t isa, int64_t calls) {
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->pool_lanes(bench_area(1), bench_area(2), bench_area(0), PIXELS * CHANNELS / ONYX_BLOCK, ONYX_BLOCK, ONYX_BLOCK);
  return (bench_work){.read = map_bytes, .calls = calls};
}

static bench_work map_planes(uint32_t isa, int64_t calls) {
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->map_planes(bench_area(1), bench_area(2), bench_area(0), bench_area(3), CHANNELS, PIXELS, PIXELS, 0);
  return (bench_work){.read = map_bytes, .calls = calls};
}

static bench_work map_lanes(uint32_t isa, int64_t calls) {
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->map_lanes(bench_area(1), bench_area(2), bench_area(0), bench_area(3), CHANNELS, PIXELS * ONYX_BLOCK, PIXELS, ONYX_BLOCK, 0);
  return (bench_work){.read = map_bytes, .calls = calls};
}

static bench_work window(uint32_t isa, int64_t calls) {
  enum { SIZE = 7, EXTENT = 28, STRIDE = 64 };
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->window(bench_area(1), bench_area(0), bench_area(2), 0, 2, STRIDE * (EXTENT + SIZE), STRIDE, SIZE, SIZE, EXTENT, EXTENT);
  return (bench_work){.flops = 2.0 * 2 * SIZE * SIZE * EXTENT * EXTENT, .calls = calls};
}

static bench_work gate(uint32_t isa, int64_t calls) {
  enum { DEPTH = 512 };
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->gate(bench_area(1), ONYX_BLOCK, bench_area(0), DEPTH, bench_area(2), bench_area(3), 1, DEPTH);
  return (bench_work){.flops = 2.0 * DEPTH * ONYX_BLOCK, .read = 4.0 * DEPTH * (ONYX_BLOCK + 1), .calls = calls};
}

static bench_work scale_planes(uint32_t isa, int64_t calls) {
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->scale_planes(bench_area(1), bench_area(0), NULL, bench_area(2), bench_area(3), CHANNELS, PIXELS, PIXELS, -1e30f, 1e30f, 0);
  return (bench_work){.read = map_bytes, .written = map_bytes, .calls = calls};
}

static bench_work scale_lanes(uint32_t isa, int64_t calls) {
  const onyx_gating_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->scale_lanes(bench_area(1), bench_area(0), NULL, bench_area(2), bench_area(3), ONYX_BLOCK, PIXELS * CHANNELS / ONYX_BLOCK, ONYX_BLOCK, -1e30f,
                     1e30f, 0);
  return (bench_work){.read = map_bytes, .written = map_bytes, .calls = calls};
}

static const bench_case cases[] = {
  {"gating", "pool planes, 64 of 28x28", BENCH_L2, pool_planes}, {"gating", "pool lanes, 4 of 28x28", BENCH_L2, pool_lanes},
  {"gating", "map planes, 64 of 28x28", BENCH_L2, map_planes},   {"gating", "map lanes, 4 of 28x28", BENCH_L2, map_lanes},
  {"gating", "window 7x7, two 28x28", BENCH_FMA, window},        {"gating", "gate, 512 to 16", BENCH_L1, gate},
  {"gating", "scale planes, 64 of 28x28", BENCH_L2, scale_planes}, {"gating", "scale lanes, 4 of 28x28", BENCH_L2, scale_lanes},
};

bench_family bench_gating(void) { return BENCH_FAMILY(cases); }
