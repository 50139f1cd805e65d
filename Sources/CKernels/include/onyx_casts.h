#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_elements.h"

// Conversions between the element types of onyx_elements.h, as ONNX Cast does them: floats are truncated and held to the bounds of an
// integer, NaN becomes 0; integers keep their low bits; everything is rounded once to nearest even. To bool (a byte of 0 or 1)
// goes everything but 0 as 1.

enum { ONYX_TYPE_bool = ONYX_TYPE_COUNT, ONYX_CAST_TARGET_COUNT };

// dst may equal src when both elements have one width.
typedef void (*onyx_cast)(void *dst, const void *src, int64_t n);
// dst[i] = table[src[i]].
typedef void (*onyx_lookup)(void *dst, const uint8_t *src, int64_t n, const void *table);

// A floating type of at most 8 bits. Codes of [0] are those of positive numbers, of [1] those of negative ones.
typedef struct {
  int32_t mantissa_bits, bias;
  uint8_t largest;      // of the finite magnitudes
  uint8_t sign;         // the sign's bit
  uint8_t negative_zero;
  uint8_t past[2];      // what lies past the largest magnitude becomes
  uint8_t nan[2];
} onyx_narrow_format;
// To nearest even. dst may not equal src.
typedef void (*onyx_narrow)(uint8_t *dst, const float *src, int64_t n, const onyx_narrow_format *format);

typedef struct {
  uint32_t isa;
  const onyx_cast *cast;      // [from * ONYX_CAST_TARGET_COUNT + to]; a type to itself is a copy
  const onyx_lookup *lookup;  // [log2 of the bytes of a target element], 1 to 8
  onyx_narrow narrow;
} onyx_casts_row;
