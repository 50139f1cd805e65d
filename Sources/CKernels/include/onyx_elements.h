#pragma once
#include <stddef.h>
#include <stdint.h>

// Functions of elements of every number type of ONNX, from one formula each. Element types by index; bools are bytes of 0 and
// 1 and go as uint8. T(type, unsigned type of its width, bits).
#define ONYX_SIGNED_TYPES(T) T(i8, u8, 8) T(i16, u16, 16) T(i32, u32, 32) T(i64, u64, 64)
#define ONYX_UNSIGNED_TYPES(T) T(u8, u8, 8) T(u16, u16, 16) T(u32, u32, 32) T(u64, u64, 64)
#define ONYX_FLOAT_TYPES(T) T(f16, u16, 16) T(bf16, u16, 16) T(f32, u32, 32) T(f64, u64, 64)
#define ONYX_NUMBER_TYPES(T) ONYX_SIGNED_TYPES(T) ONYX_UNSIGNED_TYPES(T) ONYX_FLOAT_TYPES(T)

enum {
#define ONYX_INDEX(type, word, bits) ONYX_TYPE_##type,
  ONYX_NUMBER_TYPES(ONYX_INDEX)
#undef ONYX_INDEX
  ONYX_TYPE_COUNT
};

// Functions of two elements: F(NAME). Integers wrap. A division by zero gives 0; a quotient is truncated; a modulo has the
// sign of the divisor, a remainder that of the dividend. Floats of 16 bits are computed in float32 and rounded once. NaN in
// either operand of a maximum or a minimum wins, the first of equals is taken. A shift by a negative number or by the width and
// more leaves the extension of the sign. PRELU is a, below zero a * b. POWER of integers wraps, with a negative exponent it is
// the truncated power held to the bounds of the type. The three comparisons give bools.
#define ONYX_ELEMENT_BINARY(F)                                                                           \
  F(ADD) F(SUBTRACT) F(MULTIPLY) F(DIVIDE) F(MODULO) F(REMAINDER) F(MAXIMUM) F(MINIMUM) F(PRELU) F(POWER) \
  F(AND) F(OR) F(XOR) F(SHIFT_LEFT) F(SHIFT_RIGHT) F(EQUAL) F(LESS) F(LESS_OR_EQUAL)

// Functions of one element: F(NAME). p0 and p1 are the parameters, in the order of the operator's attributes. NOT inverts all
// bits; IS_NAN and IS_INFINITE give bools, p0 and p1 say whether negative and positive infinities count. ROUND is half to even.
#define ONYX_ELEMENT_UNARY(F)                                                                                          \
  F(NEGATE) F(ABSOLUTE) F(SIGN) F(RELU) F(NOT) F(FLOOR) F(CEIL) F(ROUND) F(SQUARE_ROOT) F(RECIPROCAL) F(LEAKY_RELU)    \
  F(HARD_SIGMOID) F(HARD_SWISH) F(SOFTSIGN) F(THRESHOLDED_RELU) F(SHRINK) F(IS_NAN) F(IS_INFINITE)

#define ONYX_INDEX(NAME) ONYX_ELEMENT_##NAME,
enum { ONYX_ELEMENT_BINARY(ONYX_INDEX) ONYX_ELEMENT_BINARY_COUNT };
enum { ONYX_ELEMENT_UNARY(ONYX_INDEX) ONYX_ELEMENT_UNARY_COUNT };
#undef ONYX_INDEX

// Two loops: `rows` runs of n elements. dst is dense; an operand's run begins `step` elements after the one before. dst may
// equal an operand that is read element by element and dense, otherwise the ranges do not overlap.
typedef void (*onyx_element_binary)(void *dst, const void *a, const void *b, int64_t n, int64_t rows, int64_t a_step,
                                    int64_t b_step);
typedef struct {
  onyx_element_binary both;   // a[i] op b[i] in each run
  onyx_element_binary right;  // a[i] op b[0]
  onyx_element_binary left;   // a[0] op b[i]
} onyx_element_forms;

typedef void (*onyx_element_unary)(void *dst, const void *src, int64_t n, float p0, float p1);

// dst[i] = min(high, max(src[i], low)); a NaN wins. dst may equal src.
typedef void (*onyx_element_clip)(void *dst, const void *src, int64_t n, const void *low, const void *high);

// dst[i] = condition[i] ? a[i] : b[i] in `rows` runs of n elements; a step of 0 inside a run reads its first element again.
typedef void (*onyx_element_select)(void *dst, const uint8_t *condition, const void *a, const void *b, int64_t n, int64_t rows,
                                    const int64_t steps[3], const int64_t inner[3]);

typedef struct {
  uint32_t isa;
  const onyx_element_forms *binary;   // [function * ONYX_TYPE_COUNT + type]; null where a type lacks the function
  const onyx_element_unary *unary;    // the same
  const onyx_element_clip *clip;      // [type]
  const onyx_element_select *select;  // [log2 of the bytes of an element], 1 to 16
} onyx_elements_row;
