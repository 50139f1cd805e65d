#pragma once
#include <stddef.h>
#include <stdint.h>

// Elementary functions of float32 and float64 elements, computed in double: F(NAME). Errors in units in the last place, denormals
// and the whole range of arguments included: float32 at most 0.51, float64 at most 4 (POWER of float64 as C's; GELU by the size of x).
// Infinities and NaN give what C's functions give. p0 and p1 are the parameters, in the order of the operator's attributes.
#define ONYX_FUNCTIONS_OF_BOTH(F) \
  F(SIN) F(COS) F(TAN) F(ASIN) F(ACOS) F(ATAN) F(SINH) F(COSH) F(ASINH) F(ACOSH) F(ATANH)
// Float32 has vectors of its own for these, in onyx_elementwise.h.
#define ONYX_FUNCTIONS_OF_DOUBLES(F) \
  F(EXP) F(LOG) F(TANH) F(SIGMOID) F(SWISH) F(SOFTPLUS) F(MISH) F(ELU) F(SELU) F(CELU) F(ERF) F(GELU) F(GELU_TANH)

#define ONYX_INDEX(NAME) ONYX_FUNCTION_##NAME,
enum { ONYX_FUNCTIONS_OF_BOTH(ONYX_INDEX) ONYX_FUNCTIONS_OF_DOUBLES(ONYX_INDEX) ONYX_FUNCTION_COUNT };
#undef ONYX_INDEX

// dst may equal src.
typedef void (*onyx_function_f32)(float *dst, const float *src, int64_t n, float p0, float p1);
typedef void (*onyx_function_f64)(double *dst, const double *src, int64_t n, float p0, float p1);

typedef struct {
  uint32_t isa;
  const onyx_function_f32 *f32;  // null for functions of doubles only
  const onyx_function_f64 *f64;
  // dst[i] = a[i * a_stride] to the power b[i * b_stride], strides of 0 and 1, in float32; dst may equal an operand of stride 1.
  void (*power)(float *dst, const float *a, const float *b, int64_t n, int64_t a_stride, int64_t b_stride);
} onyx_functions_row;
