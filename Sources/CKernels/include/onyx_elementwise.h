#pragma once
#include <stddef.h>
#include <stdint.h>

// Indices into the function lists of a row.
enum {
  ONYX_BINARY_ADD,
  ONYX_BINARY_SUBTRACT,
  ONYX_BINARY_MULTIPLY,
  ONYX_BINARY_DIVIDE,
  ONYX_BINARY_MAXIMUM,  // NaN in either operand wins
  ONYX_BINARY_MINIMUM,
  ONYX_BINARY_POWER,    // C powf per element
  ONYX_BINARY_PRELU,    // a < 0 ? a * b : a
  ONYX_BINARY_COUNT,
};

// Operands of a function over channel blocks, 16 lanes for each pixel.
enum {
  ONYX_BLOCK_BY_LANES,   // dst[p * 16 + f] = a[p * 16 + f] op b[f]
  ONYX_LANES_BY_BLOCK,   // dst[p * 16 + f] = b[f] op a[p * 16 + f]
  ONYX_BLOCK_BY_PIXELS,  // dst[p * 16 + f] = a[p * 16 + f] op b[p]
  ONYX_PIXELS_BY_BLOCK,  // dst[p * 16 + f] = b[p] op a[p * 16 + f]
  ONYX_BLOCK_FORM_COUNT,
};

enum {
  ONYX_UNARY_RELU,              // NaN stays
  ONYX_UNARY_LEAKY_RELU,        // p0 = slope
  ONYX_UNARY_CLIP,              // p0 = low, p1 = high; NaN stays
  ONYX_UNARY_SIGMOID,
  ONYX_UNARY_HARD_SIGMOID,      // clip(p0 * x + p1, 0, 1)
  ONYX_UNARY_HARD_SWISH,        // x * clip(x / 6 + 0.5, 0, 1)
  ONYX_UNARY_SILU,              // x * sigmoid(p0 * x)
  ONYX_UNARY_TANH,
  ONYX_UNARY_EXP,
  ONYX_UNARY_LOG,
  ONYX_UNARY_SQRT,
  ONYX_UNARY_ERF,
  ONYX_UNARY_GELU,              // x / 2 * (1 + erf(x / sqrt 2))
  ONYX_UNARY_GELU_TANH,         // tanh form
  ONYX_UNARY_ELU,               // x < 0 ? p0 * (e^x - 1) : x
  ONYX_UNARY_NEGATE,
  ONYX_UNARY_ABS,
  ONYX_UNARY_RECIPROCAL,
  ONYX_UNARY_FLOOR,
  ONYX_UNARY_CEIL,
  ONYX_UNARY_ROUND,             // half to even
  ONYX_UNARY_MISH,              // x * tanh(softplus(x))
  ONYX_UNARY_SOFTPLUS,
  ONYX_UNARY_SOFTSIGN,          // x / (1 + |x|)
  ONYX_UNARY_SELU,              // p1 * (x <= 0 ? p0 * (e^x - 1) : x)
  ONYX_UNARY_CELU,              // x < 0 ? p0 * (e^(x / p0) - 1) : x
  ONYX_UNARY_THRESHOLDED_RELU,  // x <= p0 ? 0 : x
  ONYX_UNARY_AFFINE,            // p0 * x + p1, product and sum rounded apart
  ONYX_UNARY_COUNT,
};

typedef void (*onyx_binary_function)(float *dst, const float *a, const float *b, int64_t n);
typedef void (*onyx_unary_function)(float *dst, const float *src, int64_t n, float p0, float p1);

typedef struct {
  uint32_t isa;
  // dst may equal an operand; otherwise the ranges do not overlap.
  const onyx_binary_function *binary;         // dst[i] = a[i] op b[i]
  const onyx_binary_function *binary_scalar;  // dst[i] = a[i] op b[0]
  const onyx_binary_function *scalar_binary;  // dst[i] = a[0] op b[i]
  const onyx_unary_function *unary;           // dst[i] = f(src[i])

  // By form and operation, n counts pixels; null for the power. dst may equal a.
  const onyx_binary_function *block[ONYX_BLOCK_FORM_COUNT];

  // dst[i] = limit(src[i] * scale + shift), one FMA where the tier has it; NaN stays.
  void (*scale_shift)(float *dst, const float *src, int64_t n, float scale, float shift, float low, float high);

  // The same with a scale and shift per element; either may be null (one, zero).
  void (*scale_shift_rows)(float *dst, const float *src, int64_t n, const float *scale, const float *shift,
                           float low, float high);

  // dst[i] = value.
  void (*fill)(float *dst, float value, int64_t n);
} onyx_elementwise_row;
