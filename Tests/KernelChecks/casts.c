#include "check.h"

#include <math.h>
#include <string.h>

static const int64_t widths[ONYX_CAST_TARGET_COUNT] = {
#define WIDTH(type, word, bits) [ONYX_TYPE_##type] = bits / 8,
  ONYX_NUMBER_TYPES(WIDTH)[ONYX_TYPE_bool] = 1,
};

// Numbers of the type around every bound, or up to 16 bits of them, in a random order: made of doubles by the scalar row.
static void *numbers(const onyx_casts_row *scalar, int64_t n, int type, uint32_t seed, int are_near) {
  static const double values[] = {
    0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 127, 128, -128.7, -129, 255.5, 256, 32768, -32769, 65504, 65519.9, 65520, 65536, 0x1p31, -0x1p31 - 1,
    0x1p31 - 1, 0x1p32, 0x1p63, -0x1p63, 0x1p64, 1e300, -1e300, 6e-8, 1e-40, 1e-300, INFINITY, -INFINITY, NAN, 16777217, 1 + 0x1p-8,
    1 + 0x1p-8 + 0x1p-40, 1 + 0x1p-11, 1 + 0x1p-11 - 0x1p-50,
  };
  double *x = guarded((size_t)n * sizeof(double));
  const uint8_t *which = random_bytes(n, seed);
  for (int64_t i = 0; i < n; i++) x[i] = values[which[i] % (are_near ? 16 : COUNT(values))];
  if (type == ONYX_TYPE_f64) return x;
  void *made = guarded((size_t)(n * widths[type]));
  scalar->cast[ONYX_TYPE_f64 * ONYX_CAST_TARGET_COUNT + type](made, x, n);
  return made;
}

FAMILY(casts) {
  for (int64_t n = 1; n < 150; n += n < 20 ? 1 : 7)
    for (int from = 0; from < ONYX_TYPE_COUNT; from++) {
      const void *x = numbers(scalar, n, from, (uint32_t)n, n % 2 == 0);
      for (int to = 0; to < ONYX_CAST_TARGET_COUNT; to++) {
        const int at = from * ONYX_CAST_TARGET_COUNT + to;
        if (!row->cast[at]) continue;
        const size_t bytes = (size_t)(n * widths[to]);
        void *y = guarded(bytes), *e = guarded(bytes);
        row->cast[at](y, x, n), scalar->cast[at](e, x, n);
        // The payload of a NaN may differ between the conversions of a processor and their arithmetic.
        if (to == ONYX_TYPE_f16 || to == ONYX_TYPE_bf16 || to == ONYX_TYPE_f32 || to == ONYX_TYPE_f64) {
          const size_t width = (size_t)widths[to];
          float *a = guarded((size_t)n * sizeof(float)), *b = guarded((size_t)n * sizeof(float));
          if (to == ONYX_TYPE_f32) memcpy(a, y, bytes), memcpy(b, e, bytes);
          else {
            scalar->cast[to * ONYX_CAST_TARGET_COUNT + ONYX_TYPE_f32](a, y, n);
            scalar->cast[to * ONYX_CAST_TARGET_COUNT + ONYX_TYPE_f32](b, e, n);
          }
          for (int64_t i = 0; i < n; i++)
            if (a[i] != a[i] && b[i] != b[i]) memcpy((char *)y + (size_t)i * width, (char *)e + (size_t)i * width, width);
        }
        check_bits(y, e, bytes, "cast from type %d to %d, %lld elements", from, to, (long long)n);
      }
      for (int shift = 0; shift < 4; shift++) {
        const size_t bytes = (size_t)n << shift;
        const uint8_t *codes = random_bytes(n, (uint32_t)n + 1), *table = random_bytes(256 << shift, 5);
        uint8_t *y = guarded(bytes), *e = guarded(bytes);
        row->lookup[shift](y, codes, n, table);
        for (int64_t i = 0; i < n; i++) memcpy(e + (i << shift), table + ((int64_t)codes[i] << shift), (size_t)1 << shift);
        check_bits(y, e, bytes, "lookup of %d bytes, %lld elements", 1 << shift, (long long)n);
      }
    }
}
