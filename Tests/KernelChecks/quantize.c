#include "check.h"

#include <math.h>

static int32_t number(uint8_t byte, int32_t is_signed) { return is_signed ? (int8_t)byte : byte; }

static float real(uint8_t byte, const onyx_quantization *q) { return (float)(number(byte, q->is_signed) - q->zero_point) * q->scale; }

static uint8_t quantized(float quotient, const onyx_quantization *q) {
  const double least = q->is_signed ? -128 : 0, sum = rint((double)quotient) + q->zero_point;
  return (uint8_t)(int)(isnan(sum) || sum < least ? least : sum > least + 255 ? least + 255 : sum);
}

static void check_forms(const onyx_quantize_row *row, int64_t n, onyx_quantization qa, onyx_quantization qb, onyx_quantization qy) {
  const uint8_t *a = random_bytes(n, 1), *b = random_bytes(n, 2);
  const float *wild = sweep_floats(n, (uint32_t)n + 3);
  float *f = filled_floats(n, NAN), *ef = filled_floats(n, NAN), *whole = filled_floats(n, 0);
  uint8_t *y = guarded((size_t)n), *e = guarded((size_t)n);
  for (int64_t i = 0; i < n; i++) ef[i] = real(a[i], &qa), whole[i] = (float)(int)(wild[i] > -1e6f && wild[i] < 1e6f ? wild[i] * 100 : 0);
  row->dequantize(f, a, n, &qa);
  check_equal(f, ef, n, "dequantize %lld", (long long)n);
  row->quantize(y, wild, n, &qy);
  for (int64_t i = 0; i < n; i++) e[i] = quantized(wild[i] / qy.scale, &qy);
  check_bits(y, e, (size_t)n, "quantize %lld", (long long)n);
  for (int32_t form = 0; form < 2 * ONYX_QUANTIZED_COUNT && n > 0; form++) {
    row->binary(y, a, b, n, form & 1, form / 2, &qa, &qb, &qy);
    for (int64_t i = 0; i < n; i++) {
      volatile float z = real(b[form & 1 ? 0 : i], &qb);
      z = form / 2 == ONYX_QUANTIZED_ADD ? ef[i] + z : ef[i] * z;
      e[i] = quantized(z / qy.scale, &qy);
    }
    check_bits(y, e, (size_t)n, "binary %d of %lld", form, (long long)n);
  }
  if (n >= 16) {
    row->binary(y, a, b, n, 16, ONYX_QUANTIZED_MULTIPLY, &qa, &qb, &qy);
    for (int64_t i = 0; i < n; i++) {
      volatile float z = real(b[i % 16], &qb);
      z = ef[i] * z;
      e[i] = quantized(z / qy.scale, &qy);
    }
    check_bits(y, e, (size_t)n, "binary by lanes of %lld", (long long)n);
  }
  for (int32_t is_signed = 0; is_signed < 2; is_signed++) {
    int32_t total = 0;
    for (int64_t i = 0; i < n; i++) total += number(a[i], is_signed);
    const int32_t sum = row->sum(a, n, is_signed);
    check_bits(&sum, &total, 4, "sum of %lld", (long long)n);
  }
  row->requantize(y, whole, n, 17, 0.037f, &qy);
  for (int64_t i = 0; i < n; i++) e[i] = quantized((float)((int32_t)whole[i] + 17) * 0.037f, &qy);
  check_bits(y, e, (size_t)n, "requantize %lld", (long long)n);
}

FAMILY(quantize) {
  const onyx_quantization forms[] = {{0.02f, 128, 0}, {0.013f, 0, 1}, {0.5f, -128, 1}, {1.7f, 255, 0}, {0.004f, 3, 0}};
  for (int64_t n = 0; n < 70; n++)
    for (int i = 0; i < COUNT(forms); i++) check_forms(row, n, forms[i], forms[(i + 1) % 5], forms[(i + 2) % 5]);
  check_forms(row, 20000, forms[0], forms[1], forms[1]);
  for (int64_t n = 0; n < 300; n += 7) {
    const uint8_t *table = random_bytes(256, 4), *src = random_bytes(n, 5);
    uint8_t *y = guarded((size_t)n), *e = guarded((size_t)n);
    row->look_up(y, src, n, table), scalar->look_up(e, src, n, table);
    check_bits(y, e, (size_t)n, "look_up %lld", (long long)n);
    float *least = filled_floats(2, 5), *greatest = filled_floats(2, 5);
    const float *x = n % 2 ? sweep_floats(n, 6) : random_floats(n, 6);
    row->range(x, n, least, greatest), scalar->range(x, n, least + 1, greatest + 1);
    check_close(least, least + 1, 1, 0, 0, "least of %lld", (long long)n);
    check_close(greatest, greatest + 1, 1, 0, 0, "greatest of %lld", (long long)n);
  }
}
