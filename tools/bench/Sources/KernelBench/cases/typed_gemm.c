#include "../bench.h"

BENCH_ROWS(typed_gemm)

static bench_work tile(uint32_t isa, int64_t calls, int type, int64_t width) {
  enum { DEPTH = 256 };
  const onyx_typed_gemm_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t columns = ONYX_TYPED_GEMM_BYTES / width;
  for (int64_t i = 0; i < calls; i++)
    row->tile[type](DEPTH, bench_area(0), bench_area(1), bench_area(2), columns, ONYX_TYPED_GEMM_ROWS, columns, 0);
  return (bench_work){.flops = 2.0 * DEPTH * ONYX_TYPED_GEMM_ROWS * (double)columns, .calls = calls};
}

static bench_work tile_f64(uint32_t isa, int64_t calls) { return tile(isa, calls, ONYX_TYPED_GEMM_F64, 8); }
static bench_work tile_i32(uint32_t isa, int64_t calls) { return tile(isa, calls, ONYX_TYPED_GEMM_I32, 4); }

static const bench_case cases[] = {
  {"typed_gemm", "tile of doubles, k 256", BENCH_FMA, tile_f64},
  {"typed_gemm", "tile of int32, k 256", BENCH_FMA, tile_i32},
};

bench_family bench_typed_gemm(void) { return BENCH_FAMILY(cases); }
