#include "check.h"

#include <math.h>
#include <string.h>

static const int64_t widths[ONYX_TYPE_COUNT] = {
#define WIDTH(type, word, bits) [ONYX_TYPE_##type] = bits / 8,
  ONYX_NUMBER_TYPES(WIDTH)
};

// Whether the element at `at` is a NaN of the type.
static int is_nan(const void *at, int type) {
  uint64_t bits = 0;
  memcpy(&bits, at, (size_t)widths[type]);
  switch (type) {
    case ONYX_TYPE_f16: return (bits & 0x7fff) > 0x7c00;
    case ONYX_TYPE_bf16: return (bits & 0x7fff) > 0x7f80;
    case ONYX_TYPE_f32: return (bits & 0x7fffffff) > 0x7f800000;
    case ONYX_TYPE_f64: return (bits & INT64_MAX) > 0x7ff0000000000000;
    default: return 0;
  }
}

// Gives NaNs of `actual` the bits of those of `expected`: payloads are nobody's business.
static void forgive(void *actual, const void *expected, int64_t n, int type) {
  const size_t width = (size_t)widths[type];
  for (int64_t i = 0; i < n; i++) {
    char *a = (char *)actual + (size_t)i * width;
    const char *e = (const char *)expected + (size_t)i * width;
    if (is_nan(a, type) && is_nan(e, type)) memcpy(a, e, width);
  }
}

// Random bits, among them small numbers, both bounds and zeros, so that operands are equal or divide by zero now and then.
static void *elements(int64_t n, int type, uint32_t seed) {
  const size_t width = (size_t)widths[type];
  uint8_t *x = random_bytes(n * (int64_t)width, seed), *kinds = random_bytes(n, seed + 1);
  for (int64_t i = 0; i < n; i++) {
    uint8_t *at = x + (size_t)i * width;
    if (kinds[i] % 8 == 0) memset(at, 0, width);
    if (kinds[i] % 8 == 1) memset(at + 1, 0, width - 1), at[0] &= 3;
    if (kinds[i] % 8 == 2) memset(at, 0xff, width);
    if (kinds[i] % 8 == 3) memset(at, 0, width), at[width - 1] = 0x80;
  }
  return x;
}

static int gives_bools(int function) {
  return function == ONYX_ELEMENT_EQUAL || function == ONYX_ELEMENT_LESS || function == ONYX_ELEMENT_LESS_OR_EQUAL;
}

// Three runs of n elements in each form, with steps that repeat an operand.
static void check_binary(const onyx_elements_row *row, const onyx_elements_row *scalar, int64_t n, int type) {
  const int64_t rows = 3, count = rows * n, width = widths[type];
  const void *a = elements(count, type, (uint32_t)n + 3), *b = elements(count, type, (uint32_t)n + 30);
  const void *one = elements(1, type, (uint32_t)n + 7), *three = elements(rows, type, (uint32_t)n + 8);
  void *whole_y = guarded((size_t)(count * width)), *whole_e = guarded((size_t)(count * width));
  for (int f = 0; f < ONYX_ELEMENT_BINARY_COUNT; f++) {
    const onyx_element_forms *tested = row->binary + f * ONYX_TYPE_COUNT + type, *plain = scalar->binary + f * ONYX_TYPE_COUNT + type;
    if (!tested->both) continue;
    // The results end at the guard pages whatever their width.
    const size_t bytes = (size_t)(count * (gives_bools(f) ? 1 : width)), start = (size_t)(count * width) - bytes;
    void *y = (char *)whole_y + start, *e = (char *)whole_e + start;
    const struct {
      onyx_element_binary tested, plain;
      const void *a, *b;
      int64_t a_step, b_step;
    } cases[] = {
      {tested->both, plain->both, a, b, n, n},         {tested->both, plain->both, a, b, n, 0},
      {tested->right, plain->right, a, three, n, 1},   {tested->right, plain->right, a, one, n, 0},
      {tested->left, plain->left, three, b, 1, n},     {tested->left, plain->left, one, b, 0, n},
    };
    for (int64_t c = 0; c < COUNT(cases); c++) {
      memset(y, 0x5a, bytes), memset(e, 0xa5, bytes);
      cases[c].tested(y, cases[c].a, cases[c].b, n, rows, cases[c].a_step, cases[c].b_step);
      cases[c].plain(e, cases[c].a, cases[c].b, n, rows, cases[c].a_step, cases[c].b_step);
      if (!gives_bools(f)) forgive(y, e, count, type);
      check_bits(y, e, bytes, "binary %d of type %d, case %lld, %lld elements", f, type, (long long)c, (long long)n);
    }
    if (gives_bools(f)) continue;
    memcpy(y, a, bytes);
    tested->both(y, y, b, n, rows, n, n), plain->both(e, a, b, n, rows, n, n);
    forgive(y, e, count, type);
    check_bits(y, e, bytes, "binary %d of type %d in place, %lld elements", f, type, (long long)n);
  }
}

static void check_unary(const onyx_elements_row *row, const onyx_elements_row *scalar, int64_t n, int type) {
  const void *x = elements(n, type, (uint32_t)n + 5), *low = elements(1, type, 12), *high = elements(1, type, 13);
  const size_t bytes = (size_t)(n * widths[type]);
  void *y = guarded(bytes), *e = guarded(bytes);
  for (int f = 0; f < ONYX_ELEMENT_UNARY_COUNT; f++) {
    const int at = f * ONYX_TYPE_COUNT + type, is_test = f == ONYX_ELEMENT_IS_NAN || f == ONYX_ELEMENT_IS_INFINITE;
    if (!row->unary[at]) continue;
    memset(y, 0, bytes), memset(e, 0, bytes);
    row->unary[at](y, x, n, 0.25f, 0.5f), scalar->unary[at](e, x, n, 0.25f, 0.5f);
    if (!is_test) forgive(y, e, n, type);
    check_bits(y, e, bytes, "unary %d of type %d, %lld elements", f, type, (long long)n);
  }
  row->clip[type](y, x, n, low, high), scalar->clip[type](e, x, n, low, high);
  forgive(y, e, n, type);
  check_bits(y, e, bytes, "clip of type %d, %lld elements", type, (long long)n);
}

// Every way in which the operands of two runs can repeat, against plain loops over bytes.
static void check_select(const onyx_elements_row *row, int64_t n) {
  for (int shift = 0; shift < 5; shift++) {
    const int64_t width = (int64_t)1 << shift;
    uint8_t *condition = random_bytes(2 * n, (uint32_t)n), *a = random_bytes(2 * n * width, 3), *b = random_bytes(2 * n * width, 4);
    for (int64_t i = 0; i < 2 * n; i++) condition[i] &= 1;
    uint8_t *y = guarded((size_t)(2 * n * width)), *e = guarded((size_t)(2 * n * width));
    for (int form = 0; form < 8; form++) {
      const int64_t inner[3] = {form & 1, form >> 1 & 1, form >> 2 & 1};
      const int64_t steps[3] = {inner[0] ? n : 1, inner[1] ? n : 0, inner[2] ? n : 1};
      memset(y, 0x5a, (size_t)(2 * n * width));
      row->select[shift](y, condition, a, b, n, 2, steps, inner);
      for (int64_t i = 0; i < 2 * n; i++) {
        const int64_t run = i / n, place = i % n;
        const int64_t from_a = run * steps[1] + place * inner[1], from_b = run * steps[2] + place * inner[2];
        const uint8_t *from = condition[run * steps[0] + place * inner[0]] ? a + from_a * width : b + from_b * width;
        memcpy(e + i * width, from, (size_t)width);
      }
      check_bits(y, e, (size_t)(2 * n * width), "select of %lld bytes, form %d, %lld elements", (long long)width, form, (long long)n);
    }
  }
}

FAMILY(elements) {
  static const int64_t lengths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 130, 257};
  for (int64_t i = 0; i < COUNT(lengths); i++) {
    for (int type = 0; type < ONYX_TYPE_COUNT; type++) {
      check_binary(row, scalar, lengths[i], type);
      check_unary(row, scalar, lengths[i], type);
    }
    check_select(row, lengths[i]);
  }
}
