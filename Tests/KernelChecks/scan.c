#include "check.h"

#include <string.h>

static const int64_t widths[ONYX_TYPE_COUNT] = {
#define WIDTH(type, word, bits) [ONYX_TYPE_##type] = bits / 8,
  ONYX_NUMBER_TYPES(WIDTH)
#undef WIDTH
};

static int is_float(int type) {
  return type == ONYX_TYPE_f16 || type == ONYX_TYPE_bf16 || type == ONYX_TYPE_f32 || type == ONYX_TYPE_f64;
}

// Random bits of integers, numbers near 1 of floats.
static void *elements(int type, int64_t n, uint32_t seed) {
  uint8_t *memory = random_bytes(n * widths[type], seed);
  for (int64_t i = 0; i < n; i++) {
    const double number = 1 + memory[i * widths[type]] / 1024.0;
    const float narrow = (float)number;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    if (type == ONYX_TYPE_f64) memcpy(memory + i * 8, &number, 8);
    if (type == ONYX_TYPE_f32) memcpy(memory + i * 4, &narrow, 4);
    if (type == ONYX_TYPE_bf16) memcpy(memory + i * 2, &(uint16_t){(uint16_t)(bits >> 16)}, 2);
    if (type == ONYX_TYPE_f16) memcpy(memory + i * 2, &(uint16_t){(uint16_t)(0x3c00 + memory[i * 2])}, 2);
  }
  return memory;
}

FAMILY(scan) {
  enum { ROWS = 5 };
  for (int64_t n = 1; n < 300; n += n < 20 ? 1 : 67)
    for (int type = 0; type < ONYX_TYPE_COUNT; type++)
      for (int kind = 0; kind < ONYX_SCAN_KINDS; kind++) {
        const int f = type * ONYX_SCAN_KINDS + kind;
        if (!row->after[f]) continue;
        const int64_t bytes = ROWS * n * widths[type], width = is_float(type) ? 8 : widths[type];
        const char *x = elements(type, ROWS * n, (uint32_t)n);
        for (int is_back = 0; is_back < 2; is_back++)
          for (int is_before = 0; is_before < 2; is_before++) {
            char *y = guarded((size_t)bytes), *e = guarded((size_t)bytes);
            char *total = guarded((size_t)(n * width)), *expected = guarded((size_t)(n * width));
            memset(total, 0, (size_t)(n * width)), memset(expected, 0, (size_t)(n * width));
            // Backwards from the last row.
            const int64_t first = is_back ? (ROWS - 1) * n * widths[type] : 0, step = is_back ? -n : n;
            (is_before ? row->before : row->after)[f](y + first, x + first, total, ROWS, step, n);
            (is_before ? scalar->before : scalar->after)[f](e + first, x + first, expected, ROWS, step, n);
            check_bits(y, e, (size_t)bytes, "scan %d of %lld, before %d", f, (long long)n, is_before);
            check_bits(total, expected, (size_t)(n * width), "totals %d of %lld", f, (long long)n);
          }
      }
}
