#pragma once
#include <stddef.h>
#include <stdint.h>

// How a byte stands for a real number: (byte - zero_point) * scale. Bytes are signed when is_signed is set.
typedef struct {
  float scale;
  int32_t zero_point;
  int32_t is_signed;
} onyx_quantization;

enum {
  ONYX_QUANTIZED_ADD,
  ONYX_QUANTIZED_MULTIPLY,
  ONYX_QUANTIZED_COUNT,
};

// Bytes to floats and back, element by element: the same bits as ONNX's DequantizeLinear and QuantizeLinear.
typedef struct {
  uint32_t isa;

  // dst[i] = (src[i] - zero_point) * scale.
  void (*dequantize)(float *dst, const uint8_t *src, int64_t n, const onyx_quantization *q);

  // dst[i] = saturate(round_half_even(src[i] / scale) + zero_point); NaN gives the least byte.
  void (*quantize)(uint8_t *dst, const float *src, int64_t n, const onyx_quantization *q);

  // dst = quantize(dequantize(a) op dequantize(b)), each step rounded; b has n elements, or b_count, 1 or 16, that
  // repeat. dst may equal an operand of n elements.
  void (*binary)(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, int32_t b_count, int32_t operation,
                 const onyx_quantization *qa, const onyx_quantization *qb, const onyx_quantization *qy);

  // dst[i] = table[src[i]], src read as unsigned. dst may equal src.
  void (*look_up)(uint8_t *dst, const uint8_t *src, int64_t n, const uint8_t *table);

  // dst[i] = saturate(round_half_even(((int32)src[i] + bias) * factor) + zero_point) for whole numbers in src.
  void (*requantize)(uint8_t *dst, const float *src, int64_t n, int32_t bias, float factor, const onyx_quantization *q);

  // The sum of n < 2^23 bytes.
  int32_t (*sum)(const uint8_t *src, int64_t n, int32_t is_signed);

  // Least and greatest of src and 0; NaN is passed over.
  void (*range)(const float *src, int64_t n, float *least, float *greatest);
} onyx_quantize_row;
