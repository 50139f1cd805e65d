#include "../bench.h"

BENCH_ROWS(elements)

static bench_work binary(uint32_t isa, int64_t calls, int function, int type, int64_t width, int64_t written) {
  const onyx_elements_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_element_forms *forms = row->binary + function * ONYX_TYPE_COUNT + type;
  for (int64_t i = 0; i < calls; i++)
    forms->both(bench_area(2), bench_area(0), bench_area(1), BENCH_SMALL, 1, BENCH_SMALL, BENCH_SMALL);
  return (bench_work){.read = 2.0 * (double)(width * BENCH_SMALL), .written = (double)(written * BENCH_SMALL), .calls = calls};
}

#define BINARY(name, function, type, width, written) \
  static bench_work name(uint32_t isa, int64_t calls) { return binary(isa, calls, function, type, width, written); }
BINARY(add_u8, ONYX_ELEMENT_ADD, ONYX_TYPE_u8, 1, 1)
BINARY(add_f16, ONYX_ELEMENT_ADD, ONYX_TYPE_f16, 2, 2)
BINARY(add_bf16, ONYX_ELEMENT_ADD, ONYX_TYPE_bf16, 2, 2)
BINARY(add_f64, ONYX_ELEMENT_ADD, ONYX_TYPE_f64, 8, 8)
BINARY(maximum_i64, ONYX_ELEMENT_MAXIMUM, ONYX_TYPE_i64, 8, 8)
BINARY(divide_i32, ONYX_ELEMENT_DIVIDE, ONYX_TYPE_i32, 4, 4)
BINARY(modulo_f32, ONYX_ELEMENT_MODULO, ONYX_TYPE_f32, 4, 4)
BINARY(less_i64, ONYX_ELEMENT_LESS, ONYX_TYPE_i64, 8, 1)

static const bench_case cases[] = {
  {"elements", "add uint8, 2 Ki", BENCH_L1, add_u8},
  {"elements", "add float16, 2 Ki", BENCH_L1, add_f16},
  {"elements", "add bfloat16, 2 Ki", BENCH_L1, add_bf16},
  {"elements", "add float64, 2 Ki", BENCH_L1, add_f64},
  {"elements", "maximum int64, 2 Ki", BENCH_L1, maximum_i64},
  {"elements", "less int64, 2 Ki", BENCH_L1, less_i64},
  {"elements", "divide int32, 2 Ki", BENCH_L1, divide_i32},
  {"elements", "modulo float32, 2 Ki", BENCH_L1, modulo_f32},
};

bench_family bench_elements(void) { return BENCH_FAMILY(cases); }
