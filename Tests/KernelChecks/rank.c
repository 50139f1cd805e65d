#include "check.h"

#include <math.h>
#include <string.h>

static const int64_t widths[ONYX_TYPE_COUNT] = {
#define WIDTH(type, word, bits) [ONYX_TYPE_##type] = bits / 8,
  ONYX_NUMBER_TYPES(WIDTH)
#undef WIDTH
};

// Few different elements, among floats also infinities, both zeros and, where it is asked for, NaN.
static void *elements(int type, int64_t n, uint32_t seed, int has_nan) {
  const uint8_t *random = random_bytes(n, seed);
  uint8_t *memory = guarded((size_t)(n * widths[type]));
  for (int64_t i = 0; i < n; i++) {
    const int small = random[i] % 9 - 4;
    const float special[] = {NAN, INFINITY, -INFINITY, -0.0f, 0.0f, 1e-40f};
    const float number = random[i] > 240 ? special[random[i] % 5 + (has_nan ? 0 : 1)] : (float)small;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    if (type == ONYX_TYPE_f32) memcpy(memory + i * 4, &number, 4);
    else if (type == ONYX_TYPE_f64) memcpy(memory + i * 8, &(double){number}, 8);
    else if (type == ONYX_TYPE_bf16) memcpy(memory + i * 2, &(uint16_t){(uint16_t)(bits >> 16)}, 2);
    else if (type == ONYX_TYPE_f16) {
      const uint16_t code[] = {0, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x8000, 0x4200, 0xc200, (uint16_t)(has_nan ? 0x7e00 : 1)};
      memcpy(memory + i * 2, &code[random[i] % 9], 2);
    } else memset(memory + i * widths[type], random[i] > 250 ? 0x80 : random[i] > 245 ? 0x7f : small, (size_t)widths[type]);
  }
  return memory;
}

// The place by the scalar keys.
static int64_t expected_place(const onyx_rank_row *scalar, int type, const void *x, int64_t n, int64_t stride, int kind, int is_last) {
  int64_t best = 0, place = -1;
  for (int64_t i = 0; i < n; i++) {
    int64_t key = 0;
    int32_t narrow;
    const char *from = (const char *)x + i * stride * widths[type];
    if (widths[type] == 8) scalar->keys[type](&key, from, 1, 0);
    else scalar->keys[type](&narrow, from, 1, 0), key = narrow;
    const int is_float = type == ONYX_TYPE_f16 || type == ONYX_TYPE_bf16 || type == ONYX_TYPE_f32 || type == ONYX_TYPE_f64;
    const int is_nan = is_float && key == (widths[type] == 8 ? INT64_MAX : INT32_MAX);
    const int64_t rank = kind == ONYX_RANK_LARGEST || is_nan ? key : ~key;
    if (place < 0 || rank > best || (is_last && rank == best)) best = rank, place = i;
  }
  return place;
}

static void check_type(const onyx_rank_row *row, const onyx_rank_row *scalar, int type, int64_t n) {
  const int64_t width = widths[type], key_width = width == 8 ? 8 : 4;
  for (int is_odd = 0; is_odd < 2; is_odd++) {
    const void *x = elements(type, n, (uint32_t)n, is_odd);
    enum { ROWS = 7 };
    const int64_t stride = n + 3;
    const char *many = elements(type, ROWS * stride, (uint32_t)n + 7, is_odd);
    int32_t *places = guarded((size_t)n * 4), *right_places = guarded((size_t)n * 4);
    void *best = guarded((size_t)n * 8);
    for (int kind = 0; kind < ONYX_RANK_KINDS; kind++)
      for (int is_last = 0; is_last < 2; is_last++) {
        const int f = type * ONYX_RANK_KINDS + kind;
        const int64_t place = row->line[f](x, n, is_last), expected = expected_place(scalar, type, x, n, 1, kind, is_last);
        check_bits(&place, &expected, sizeof place, "line of type %d, kind %d, %lld, last %d", type, kind, (long long)n, is_last);
        row->columns[f](places, best, many, ROWS, stride, n, is_last);
        for (int64_t c = 0; c < n; c++)
          right_places[c] = (int32_t)expected_place(scalar, type, many + c * width, ROWS, stride, kind, is_last);
        check_bits(places, right_places, (size_t)n * 4, "columns of type %d, kind %d, %lld, last %d", type, kind, (long long)n, is_last);
      }
    for (int32_t flip = -1; flip < 1; flip++) {
      void *keys = guarded((size_t)(n * key_width)), *right = guarded((size_t)(n * key_width));
      row->keys[type](keys, x, n, flip), scalar->keys[type](right, x, n, flip);
      check_bits(keys, right, (size_t)(n * key_width), "keys of type %d, %lld", type, (long long)n);
    }
  }
}

FAMILY(rank) {
  for (int type = 0; type < ONYX_TYPE_COUNT; type++) {
    for (int64_t n = 1; n < 300; n += n < 20 ? 1 : 23) check_type(row, scalar, type, n);
    check_type(row, scalar, type, 1100);
  }
}
