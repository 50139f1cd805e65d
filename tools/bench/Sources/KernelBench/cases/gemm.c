#include "../bench.h"

BENCH_ROWS(gemm)

static const onyx_gemm_epilogue plain = {.alpha = 1};

// One tile over k terms; the panels are read again and again.
static bench_work tile(uint32_t isa, int64_t calls, int64_t k) {
  const onyx_gemm_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t rows = row->row_panel, columns = row->column_panel;
  for (int64_t i = 0; i < calls; i++)
    row->block(k, bench_area(0), 0, rows, bench_area(1), 0, columns, bench_area(2), columns, &plain);
  return (bench_work){.flops = 2.0 * (double)(rows * columns * k), .calls = calls};
}

static bench_work block_64(uint32_t isa, int64_t calls) { return tile(isa, calls, 64); }
static bench_work block_256(uint32_t isa, int64_t calls) { return tile(isa, calls, 256); }

// A block as a driver calls it: many panels of both operands, 256 terms.
static bench_work block_panels(uint32_t isa, int64_t calls) {
  enum { K = 256, ROWS = 120, COLUMNS = 256 };
  const onyx_gemm_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->block(K, bench_area(0), K * row->row_panel, ROWS, bench_area(1), K * row->column_panel, COLUMNS, bench_area(2), COLUMNS, &plain);
  return (bench_work){.flops = 2.0 * ROWS * COLUMNS * K, .calls = calls};
}

enum { PACK_K = 256, PACK_LANES = 112 };

static bench_work pack(uint32_t isa, int64_t calls, bool along_k) {
  const onyx_gemm_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const int64_t width = row->row_panel;
  for (int64_t i = 0; i < calls; i++)
    row->pack(bench_area(2), width, width * PACK_K, bench_area(0), along_k ? PACK_K : 1, along_k ? 1 : PACK_LANES, PACK_LANES, PACK_K);
  const double bytes = 4.0 * PACK_K * PACK_LANES;
  return (bench_work){.read = bytes, .written = bytes, .calls = calls};
}

static bench_work pack_transposed(uint32_t isa, int64_t calls) { return pack(isa, calls, true); }
static bench_work pack_straight(uint32_t isa, int64_t calls) { return pack(isa, calls, false); }

static bench_work gemv(uint32_t isa, int64_t calls, int64_t k, int64_t n, bool by_rows) {
  const onyx_gemm_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) {
    if (by_rows) row->gemv_rows(bench_area(2), bench_area(0), bench_area(1), n, k, n);
    else row->gemv_columns(bench_area(2), bench_area(0), bench_area(1), k, k, n);
  }
  return (bench_work){.flops = 2.0 * (double)(k * n), .read = 4.0 * (double)(k * n), .calls = calls};
}

static bench_work gemv_rows_l2(uint32_t isa, int64_t calls) { return gemv(isa, calls, 256, 384, true); }
static bench_work gemv_columns_l2(uint32_t isa, int64_t calls) { return gemv(isa, calls, 256, 384, false); }
static bench_work gemv_rows_dram(uint32_t isa, int64_t calls) { return gemv(isa, calls, 4096, 4096, true); }
static bench_work gemv_columns_dram(uint32_t isa, int64_t calls) { return gemv(isa, calls, 4096, 4096, false); }

static const onyx_direct_epilogue straight = {.alpha = 1};

static bench_work direct(uint32_t isa, int64_t calls) {
  enum { K = 384, ROWS = 196, COLUMNS = 128 };
  const onyx_gemm_row *row = row_of(isa);
  if (!row || !row->direct) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++)
    row->direct(K, bench_area(0), K, ROWS, bench_area(1), K * row->column_panel, COLUMNS, bench_area(2), COLUMNS, &straight);
  return (bench_work){.flops = 2.0 * ROWS * COLUMNS * K, .calls = calls};
}

static bench_work vector(uint32_t isa, int64_t calls) {
  enum { K = 256, COLUMNS = 384 };
  const onyx_gemm_row *row = row_of(isa);
  if (!row || !row->vector) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->vector(K, bench_area(0), bench_area(1), K * row->column_panel, COLUMNS, bench_area(2), &straight);
  return (bench_work){.flops = 2.0 * K * COLUMNS, .read = 4.0 * K * COLUMNS, .calls = calls};
}

static const bench_case cases[] = {
  {"gemm", "block, one tile, k 64", BENCH_FMA, block_64},
  {"gemm", "block, one tile, k 256", BENCH_FMA, block_256},
  {"gemm", "block, 120 x 256, k 256", BENCH_FMA, block_panels},
  {"gemm", "direct, 196 x 128, k 384", BENCH_FMA, direct},
  {"gemm", "pack, k innermost", BENCH_L2, pack_transposed},
  {"gemm", "pack, lanes innermost", BENCH_L2, pack_straight},
  {"gemv", "rows, 256 x 384", BENCH_L2, gemv_rows_l2},
  {"gemv", "columns, 256 x 384", BENCH_L2, gemv_columns_l2},
  {"gemv", "packed, 256 x 384", BENCH_L2, vector},
  {"gemv", "rows, 4096 x 4096", BENCH_DRAM, gemv_rows_dram},
  {"gemv", "columns, 4096 x 4096", BENCH_DRAM, gemv_columns_dram},
};

bench_family bench_gemm(void) { return BENCH_FAMILY(cases); }
