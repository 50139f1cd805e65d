#include "../bench.h"

BENCH_ROWS(elementwise)

static bench_work unary(uint32_t isa, int64_t calls, int function, int64_t n) {
  const onyx_elementwise_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->unary[function](bench_area(1), bench_area(0), n, 1, 1);
  return (bench_work){.read = 4.0 * (double)n, .written = 4.0 * (double)n, .calls = calls};
}

static bench_work binary(uint32_t isa, int64_t calls, int function, int64_t n) {
  const onyx_elementwise_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->binary[function](bench_area(2), bench_area(0), bench_area(1), n, 0);
  return (bench_work){.read = 8.0 * (double)n, .written = 4.0 * (double)n, .calls = calls};
}

static bench_work scale_shift(uint32_t isa, int64_t calls) {
  const onyx_elementwise_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->scale_shift(bench_area(1), bench_area(0), BENCH_SMALL, 0.5f, 1, -1e30f, 1e30f);
  return (bench_work){.read = 4.0 * BENCH_SMALL, .written = 4.0 * BENCH_SMALL, .calls = calls};
}

#define UNARY(name, function) \
  static bench_work name(uint32_t isa, int64_t calls) { return unary(isa, calls, function, BENCH_SMALL); }
UNARY(relu, ONYX_UNARY_RELU)
UNARY(sigmoid, ONYX_UNARY_SIGMOID)
UNARY(hard_sigmoid, ONYX_UNARY_HARD_SIGMOID)
UNARY(hard_swish, ONYX_UNARY_HARD_SWISH)
UNARY(silu, ONYX_UNARY_SWISH)
UNARY(tangent, ONYX_UNARY_TANH)
UNARY(exponential, ONYX_UNARY_EXP)
UNARY(logarithm, ONYX_UNARY_LOG)
UNARY(square_root, ONYX_UNARY_SQRT)
UNARY(error_function, ONYX_UNARY_ERF)
UNARY(gelu, ONYX_UNARY_GELU)
UNARY(gelu_tanh, ONYX_UNARY_GELU_TANH)
UNARY(softplus, ONYX_UNARY_SOFTPLUS)

static bench_work relu_l2(uint32_t isa, int64_t calls) { return unary(isa, calls, ONYX_UNARY_RELU, BENCH_MEDIUM); }
static bench_work relu_dram(uint32_t isa, int64_t calls) { return unary(isa, calls, ONYX_UNARY_RELU, BENCH_LARGE); }
static bench_work add_l1(uint32_t isa, int64_t calls) { return binary(isa, calls, ONYX_BINARY_ADD, BENCH_SMALL); }
static bench_work add_l2(uint32_t isa, int64_t calls) { return binary(isa, calls, ONYX_BINARY_ADD, BENCH_MEDIUM); }
static bench_work add_dram(uint32_t isa, int64_t calls) { return binary(isa, calls, ONYX_BINARY_ADD, BENCH_LARGE); }
static bench_work divide(uint32_t isa, int64_t calls) { return binary(isa, calls, ONYX_BINARY_DIVIDE, BENCH_SMALL); }

static const bench_case cases[] = {
  {"elementwise", "relu, 2 Ki", BENCH_L1, relu},
  {"elementwise", "relu, 32 Ki", BENCH_L2, relu_l2},
  {"elementwise", "relu, 16 Mi", BENCH_DRAM, relu_dram},
  {"elementwise", "add, 2 Ki", BENCH_L1, add_l1},
  {"elementwise", "add, 32 Ki", BENCH_L2, add_l2},
  {"elementwise", "add, 16 Mi", BENCH_DRAM, add_dram},
  {"elementwise", "divide, 2 Ki", BENCH_L1, divide},
  {"elementwise", "scale and shift, 2 Ki", BENCH_L1, scale_shift},
  {"elementwise", "hard sigmoid, 2 Ki", BENCH_L1, hard_sigmoid},
  {"elementwise", "hard swish, 2 Ki", BENCH_L1, hard_swish},
  {"elementwise", "sigmoid, 2 Ki", BENCH_L1, sigmoid},
  {"elementwise", "silu, 2 Ki", BENCH_L1, silu},
  {"elementwise", "tanh, 2 Ki", BENCH_L1, tangent},
  {"elementwise", "exp, 2 Ki", BENCH_L1, exponential},
  {"elementwise", "log, 2 Ki", BENCH_L1, logarithm},
  {"elementwise", "sqrt, 2 Ki", BENCH_L1, square_root},
  {"elementwise", "erf, 2 Ki", BENCH_L1, error_function},
  {"elementwise", "gelu, 2 Ki", BENCH_L1, gelu},
  {"elementwise", "gelu (tanh), 2 Ki", BENCH_L1, gelu_tanh},
  {"elementwise", "softplus, 2 Ki", BENCH_L1, softplus},
};

bench_family bench_elementwise(void) { return BENCH_FAMILY(cases); }
