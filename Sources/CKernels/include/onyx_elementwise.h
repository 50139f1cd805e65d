#pragma once
#include <stddef.h>
#include <stdint.h>

// The functions: F(NAME, operator, grain, formula). NAME makes the index ONYX_UNARY_NAME or ONYX_BINARY_NAME; `operator` is
// the name by which the kernel rows find the function, an operator of ONNX but for "GeluTanh" and those without one; `grain`
// is the least number of elements worth a thread, about 5 us of work; the formula is over the vectors and the inline functions
// of body.inc. p0 and p1 are parameters, in the order of the operator's attributes.

// NaN in either operand of a maximum or a minimum wins.
#define ONYX_BINARY(F)                                             \
  F(ADD, "Add", 16384, a + b)                                      \
  F(SUBTRACT, "Sub", 16384, a - b)                                 \
  F(MULTIPLY, "Mul", 16384, a * b)                                 \
  F(DIVIDE, "Div", 16384, a / b)                                   \
  F(MAXIMUM, "Max", 16384, v_max(a, b))                            \
  F(MINIMUM, "Min", 16384, v_min(a, b))                            \
  F(PRELU, "PRelu", 16384, v_sel(a < v_set(0), a * b, a))          \
  F(SWIGLU, "SwiGLU", 4096, swish(a, p0) * b)

enum {
#define ONYX_INDEX(NAME, operator, grain, formula) ONYX_BINARY_##NAME,
  ONYX_BINARY(ONYX_INDEX)
#undef ONYX_INDEX
  ONYX_BINARY_COUNT
};

// Operands of a function over channel blocks, 16 lanes for each pixel.
enum {
  ONYX_BLOCK_BY_LANES,   // dst[p * 16 + f] = a[p * 16 + f] op b[f]
  ONYX_LANES_BY_BLOCK,   // dst[p * 16 + f] = b[f] op a[p * 16 + f]
  ONYX_BLOCK_BY_PIXELS,  // dst[p * 16 + f] = a[p * 16 + f] op b[p]
  ONYX_PIXELS_BY_BLOCK,  // dst[p * 16 + f] = b[p] op a[p * 16 + f]
  ONYX_BLOCK_FORM_COUNT,
};

// Limits keep NaN, and NaN exceeds no threshold. Infinities give what the formula gives, as in PyTorch and ONNX Runtime: NaN
// for infinity times zero (GELU, GELU_TANH, SWISH, MISH and HARD_SWISH of -Inf) and infinity over infinity (SOFTSIGN of both).
// GELU is x / 2 * (1 + erf(x / sqrt 2)), GELU_TANH its approximation; ROUND is half to even.
#define ONYX_UNARY(F)                                                                                                            \
  F(RELU, "Relu", 16384, v_at_least(x, v_set(0)))                                                                                \
  F(LEAKY_RELU, "LeakyRelu", 16384, v_sel(x < v_set(0), x * p0, x))                                                              \
  F(CLIP, "Clip", 16384, v_at_most(v_at_least(x, p0), p1))                                                                       \
  F(SIGMOID, "Sigmoid", 4096, v_sigmoid(x))                                                                                      \
  F(HARD_SIGMOID, "HardSigmoid", 16384, v_at_most(v_at_least(v_fma(p0, x, p1), v_set(0)), v_set(1)))                             \
  F(HARD_SWISH, "HardSwish", 16384, hard_swish(x))                                                                               \
  F(SWISH, "Swish", 4096, swish(x, p0))                                                                                          \
  F(TANH, "Tanh", 4096, v_tanh(x))                                                                                               \
  F(EXP, "Exp", 4096, v_exp(x))                                                                                                  \
  F(LOG, "Log", 4096, v_log(x))                                                                                                  \
  F(SQRT, "Sqrt", 16384, v_sqrt(x))                                                                                              \
  F(ERF, "Erf", 4096, v_erf(x))                                                                                                  \
  F(GELU, "Gelu", 4096, gelu(x))                                                                                                 \
  F(GELU_TANH, "GeluTanh", 4096, gelu_tanh(x))                                                                                   \
  F(ELU, "Elu", 4096, v_sel(x < v_set(0), p0 * v_expm1(x), x))                                                                   \
  F(NEGATE, "Neg", 16384, (vf)(v_bits(x) ^ vi_set((int32_t)0x80000000u)))                                                        \
  F(ABS, "Abs", 16384, v_abs(x))                                                                                                 \
  F(RECIPROCAL, "Reciprocal", 16384, v_set(1) / x)                                                                               \
  F(FLOOR, "Floor", 16384, v_floor(x))                                                                                           \
  F(CEIL, "Ceil", 16384, v_ceil(x))                                                                                              \
  F(ROUND, "Round", 16384, v_rint(x))                                                                                            \
  F(MISH, "Mish", 4096, mish(x))                                                                                                 \
  F(SOFTPLUS, "Softplus", 4096, v_softplus(x))                                                                                   \
  F(SOFTSIGN, "Softsign", 16384, softsign(x))                                                                                    \
  F(SELU, "Selu", 4096, p1 * v_sel(x <= v_set(0), p0 * v_expm1(x), x))                                                           \
  F(CELU, "Celu", 4096, v_sel(x < v_set(0), p0 * v_expm1(x / p0), x))                                                            \
  F(THRESHOLDED_RELU, "ThresholdedRelu", 16384, v_sel(x > p0, x, v_set(0)))                                                      \
  F(AFFINE, "", 16384, x * p0 + p1) /* product and sum rounded apart */

enum {
#define ONYX_INDEX(NAME, operator, grain, formula) ONYX_UNARY_##NAME,
  ONYX_UNARY(ONYX_INDEX)
#undef ONYX_INDEX
  ONYX_UNARY_COUNT
};

// What the lists say of a function beside its formula.
typedef struct {
  const char *name;
  int64_t grain;
} onyx_function;

// The functions by index.
const onyx_function *onyx_unary_functions(void);
const onyx_function *onyx_binary_functions(void);

typedef void (*onyx_binary_function)(float *dst, const float *a, const float *b, int64_t n, float p0);
typedef void (*onyx_unary_function)(float *dst, const float *src, int64_t n, float p0, float p1);

typedef struct {
  uint32_t isa;
  // dst may equal an operand; otherwise the ranges do not overlap. p0 and p1 are the parameters of the function.
  const onyx_binary_function *binary;         // dst[i] = a[i] op b[i]
  const onyx_binary_function *binary_scalar;  // dst[i] = a[i] op b[0]
  const onyx_binary_function *scalar_binary;  // dst[i] = a[0] op b[i]
  const onyx_unary_function *unary;           // dst[i] = f(src[i])

  // By form and operation, n counts pixels. dst may equal a.
  const onyx_binary_function *block[ONYX_BLOCK_FORM_COUNT];

  // dst[i] = limit(src[i] * scale + shift), one FMA where the tier has it; NaN stays.
  void (*scale_shift)(float *dst, const float *src, int64_t n, float scale, float shift, float low, float high);

  // The same with a scale and shift per element; either may be null (one, zero).
  void (*scale_shift_rows)(float *dst, const float *src, int64_t n, const float *scale, const float *shift,
                           float low, float high);

  // dst[i] = value.
  void (*fill)(float *dst, float value, int64_t n);
} onyx_elementwise_row;
