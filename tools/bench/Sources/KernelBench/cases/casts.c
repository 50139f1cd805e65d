#include "../bench.h"

BENCH_ROWS(casts)

static bench_work cast(uint32_t isa, int64_t calls, int from, int to, double read, double written) {
  const onyx_casts_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_cast function = row->cast[from * ONYX_CAST_TARGET_COUNT + to];
  for (int64_t i = 0; i < calls; i++) function(bench_area(1), bench_area(0), BENCH_SMALL);
  return (bench_work){.read = read * BENCH_SMALL, .written = written * BENCH_SMALL, .calls = calls};
}

#define CAST(name, from, to, read, written) \
  static bench_work name(uint32_t isa, int64_t calls) { return cast(isa, calls, from, to, read, written); }
CAST(widen_f16, ONYX_TYPE_f16, ONYX_TYPE_f32, 2, 4)
CAST(narrow_f16, ONYX_TYPE_f32, ONYX_TYPE_f16, 4, 2)
CAST(narrow_bf16, ONYX_TYPE_f32, ONYX_TYPE_bf16, 4, 2)
CAST(truncate_i64, ONYX_TYPE_f32, ONYX_TYPE_i64, 4, 8)
CAST(round_i64, ONYX_TYPE_i64, ONYX_TYPE_f32, 8, 4)
CAST(saturate_u8, ONYX_TYPE_f32, ONYX_TYPE_u8, 4, 1)

static const bench_case cases[] = {
  {"casts", "float16 to float32, 2 Ki", BENCH_L1, widen_f16},
  {"casts", "float32 to float16, 2 Ki", BENCH_L1, narrow_f16},
  {"casts", "float32 to bfloat16, 2 Ki", BENCH_L1, narrow_bf16},
  {"casts", "float32 to int64, 2 Ki", BENCH_L1, truncate_i64},
  {"casts", "int64 to float32, 2 Ki", BENCH_L1, round_i64},
  {"casts", "float32 to uint8, 2 Ki", BENCH_L1, saturate_u8},
};

bench_family bench_casts(void) { return BENCH_FAMILY(cases); }
