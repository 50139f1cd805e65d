#include "../bench.h"

BENCH_ROWS(quantize)

static const onyx_quantization by = {.scale = 0.01f, .zero_point = 3, .is_signed = 1};

static bench_work dequantize(uint32_t isa, int64_t calls) {
  const onyx_quantize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->dequantize(bench_area(1), (const uint8_t *)bench_area(0), BENCH_SMALL, &by);
  return (bench_work){.read = BENCH_SMALL, .written = 4.0 * BENCH_SMALL, .calls = calls};
}

static bench_work quantize(uint32_t isa, int64_t calls) {
  const onyx_quantize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->quantize((uint8_t *)bench_area(1), bench_area(0), BENCH_SMALL, &by);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .written = BENCH_SMALL, .calls = calls};
}

static bench_work add(uint32_t isa, int64_t calls) {
  const onyx_quantize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const uint8_t *a = (const uint8_t *)bench_area(0), *b = (const uint8_t *)bench_area(1);
  for (int64_t i = 0; i < calls; i++) row->binary((uint8_t *)bench_area(2), a, b, 4 * BENCH_SMALL, 0, ONYX_QUANTIZED_ADD, &by, &by, &by);
  return (bench_work){.read = 8.0 * BENCH_SMALL, .written = 4.0 * BENCH_SMALL, .calls = calls};
}

static const bench_case cases[] = {
  {"quantize", "dequantize, 2 Ki", BENCH_L1, dequantize},
  {"quantize", "quantize, 2 Ki", BENCH_L1, quantize},
  {"quantize", "add, 8 Ki", BENCH_L1, add},
};

bench_family bench_quantize(void) { return BENCH_FAMILY(cases); }
