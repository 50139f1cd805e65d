#include "../bench.h"

BENCH_ROWS(nbits)

enum { DEPTH = 1024, COLUMNS = 512, BLOCK = 32 };

static onyx_nbits_weights weights(const onyx_nbits_row *row, int bits) {
  return (onyx_nbits_weights){.words = (const uint32_t *)bench_area(0), .word_stride = DEPTH * bits / 32 * row->panel,
                              .scales = bench_area(1), .scale_stride = DEPTH / BLOCK * row->panel, .block_groups = BLOCK * bits / 32, .bits = bits};
}

static bench_work product(uint32_t isa, int64_t calls, int bits, int64_t rows) {
  const onyx_nbits_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_nbits_weights w = weights(row, bits);
  for (int64_t i = 0; i < calls; i++)
    row->product(&w, DEPTH / BLOCK, bench_area(2), DEPTH, 0, 0, rows, COLUMNS, bench_area(3), COLUMNS, 0);
  return (bench_work){.flops = 2.0 * (double)rows * DEPTH * COLUMNS, .read = DEPTH * COLUMNS * (bits / 8.0 + 4.0 / BLOCK), .calls = calls};
}

static bench_work four_bits(uint32_t isa, int64_t calls) { return product(isa, calls, 4, 1); }
static bench_work eight_bits(uint32_t isa, int64_t calls) { return product(isa, calls, 8, 1); }
static bench_work four_rows(uint32_t isa, int64_t calls) { return product(isa, calls, 4, 4); }

static bench_work expand(uint32_t isa, int64_t calls) {
  const onyx_nbits_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_nbits_weights w = weights(row, 4);
  for (int64_t i = 0; i < calls; i++) row->expand(bench_area(3), row->panel, &w, 0, 512 / BLOCK);
  return (bench_work){.read = 512 * row->panel * (0.5 + 4.0 / BLOCK), .written = 4.0 * 512 * row->panel, .calls = calls};
}

static const bench_case cases[] = {
  {"nbits", "a row by 1024x512 of 4 bits", BENCH_FMA, four_bits},
  {"nbits", "a row by 1024x512 of 8 bits", BENCH_FMA, eight_bits},
  {"nbits", "4 rows by 1024x512 of 4 bits", BENCH_FMA, four_rows},
  {"nbits", "512 terms of a panel to floats", BENCH_L2, expand},
};

bench_family bench_nbits(void) { return BENCH_FAMILY(cases); }
