#include "../bench.h"

BENCH_ROWS(functions)

static bench_work floats(uint32_t isa, int64_t calls, int function) {
  const onyx_functions_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->f32[function](bench_area(1), bench_area(0), BENCH_SMALL, 1, 1);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .written = 4.0 * BENCH_SMALL, .calls = calls};
}

static bench_work doubles(uint32_t isa, int64_t calls, int function) {
  const onyx_functions_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->f64[function]((void *)bench_area(1), (void *)bench_area(0), BENCH_SMALL, 1, 1);
  return (bench_work){.read = 8.0 * BENCH_SMALL, .written = 8.0 * BENCH_SMALL, .calls = calls};
}

static bench_work power(uint32_t isa, int64_t calls) {
  const onyx_functions_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->power(bench_area(2), bench_area(0), bench_area(1), BENCH_SMALL, 1, 1);
  return (bench_work){.read = 8.0 * BENCH_SMALL, .written = 4.0 * BENCH_SMALL, .calls = calls};
}

#define OF(name, form, function) \
  static bench_work name(uint32_t isa, int64_t calls) { return form(isa, calls, function); }
OF(sine, floats, ONYX_FUNCTION_SIN)
OF(arctangent, floats, ONYX_FUNCTION_ATAN)
OF(hyperbolic, floats, ONYX_FUNCTION_ASINH)
OF(exponential, doubles, ONYX_FUNCTION_EXP)
OF(logarithm, doubles, ONYX_FUNCTION_LOG)
OF(error, doubles, ONYX_FUNCTION_ERF)

static const bench_case cases[] = {
  {"functions", "sin float32, 2 Ki", BENCH_L1, sine},
  {"functions", "atan float32, 2 Ki", BENCH_L1, arctangent},
  {"functions", "asinh float32, 2 Ki", BENCH_L1, hyperbolic},
  {"functions", "pow float32, 2 Ki", BENCH_L1, power},
  {"functions", "exp float64, 2 Ki", BENCH_L1, exponential},
  {"functions", "log float64, 2 Ki", BENCH_L1, logarithm},
  {"functions", "erf float64, 2 Ki", BENCH_L1, error},
};

bench_family bench_functions(void) { return BENCH_FAMILY(cases); }
