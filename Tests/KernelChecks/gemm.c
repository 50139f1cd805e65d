#include "check.h"

#include <math.h>
#include <string.h>

static const int64_t shapes[][3] = {{1, 1, 1},    {1, 33, 5},   {5, 1, 9},    {3, 2, 0},    {6, 16, 3},
                                    {7, 17, 9},   {13, 31, 33}, {14, 32, 64}, {15, 65, 17}, {29, 47, 130}};

// A [m, k] and B [k, n] packed by the row's own functions, in one of two memory orders, then C.
static float *product(const onyx_gemm_row *row, int64_t m, int64_t n, int64_t k, int transposed,
                      const onyx_gemm_epilogue *epilogue) {
  const int64_t mp = row->row_panel, np = row->column_panel;
  const float *a = random_floats(m * k, 1), *b = random_floats(k * n, 2);
  float *pa = filled_floats((m + mp - 1) / mp * mp * k, NAN), *pb = filled_floats((n + np - 1) / np * np * k, NAN);
  row->pack(pa, mp, mp * k, a, transposed ? 1 : k, transposed ? m : 1, m, k);
  row->pack(pb, np, np * k, b, transposed ? k : 1, transposed ? 1 : n, n, k);
  float *c = random_floats((m - 1) * (n + 3) + n, 3);
  row->block(k, pa, mp * k, m, pb, np * k, n, c, n + 3, epilogue);
  return c;
}

static void check_epilogue(const onyx_gemm_row *row, const onyx_gemm_row *scalar, const int64_t *s, uint32_t flags,
                           int biases) {
  const onyx_gemm_epilogue e = {.row_bias = biases ? random_floats(s[0], 4) : 0,
                                .column_bias = biases ? random_floats(s[1], 5) : 0,
                                .alpha = 0.5f, .low = -0.75f, .high = 0.5f, .flags = flags};
  for (int transposed = 0; transposed < 2; transposed++)
    check_close(product(row, s[0], s[1], s[2], transposed, &e), product(scalar, s[0], s[1], s[2], transposed, &e),
                (s[0] - 1) * (s[1] + 3) + s[1], 1e-6, 1e-7 * (double)(s[2] + 8), "%lld x %lld x %lld flags %u", (long long)s[0],
                (long long)s[1], (long long)s[2], flags);
}

// A in place; and one row in four chains.
static void check_direct(const onyx_gemm_row *row, const onyx_gemm_row *scalar, const int64_t *s, int form) {
  const int64_t m = s[0], n = s[1], k = s[2], ldc = n + 3;
  const onyx_gemm_row *both[2] = {row, scalar};
  const float *a = random_floats((m - 1) * (k + 2) + k, 1), *b = random_floats(k * n, 2), *addend = random_floats((m - 1) * (n + 1) + n, 3);
  const onyx_direct_epilogue e = {.bias = form & 1 ? random_floats(n, 4) : 0, .addend = form & 2 ? addend : 0, .addend_row_stride = n + 1,
                                  .alpha = 0.5f, .low = -0.75f, .high = 0.5f, .flags = (uint32_t)form / 4};
  float *c[2], *y[2];
  for (int i = 0; i < 2; i++) {
    const int64_t np = both[i]->column_panel;
    float *pb = filled_floats((n + np - 1) / np * np * k, NAN);
    both[i]->pack(pb, np, np * k, b, 1, n, n, k);
    c[i] = random_floats((m - 1) * ldc + n, 5), y[i] = random_floats(n, 6);
    both[i]->direct(k, a, k + 2, m, pb, np * k, n, c[i], ldc, &e);
    both[i]->vector(k, a, pb, np * k, n, y[i], &e);
  }
  check_close(c[0], c[1], (m - 1) * ldc + n, 1e-6, 1e-7 * (double)(k + 8), "direct %lld x %lld x %lld form %d", (long long)m, (long long)n,
              (long long)k, form);
  check_close(y[0], y[1], n, 1e-6, 1e-7 * (double)(k + 8), "vector %lld x %lld form %d", (long long)n, (long long)k, form);
}

static float widened(uint16_t bits, int32_t is_bfloat) {
  float value;
  const uint32_t word = (uint32_t)bits << 16;
  memcpy(&value, &word, sizeof value);
  if (is_bfloat) return value;
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const float magnitude = exponent == 31 ? (mantissa ? NAN : INFINITY)
                                         : ldexpf((float)(mantissa + (exponent ? 1024 : 0)), (exponent ? exponent : 1) - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

// Weights of 16 bits, subnormal ones among them, against the same numbers in float32: bit for bit.
static void check_half(const onyx_gemm_row *row, const int64_t *s, int form, int32_t is_bfloat) {
  const int64_t m = s[0], n = s[1], k = s[2], ldc = n + 3, np = row->column_panel, panels = (n + np - 1) / np;
  const float *a = random_floats((m - 1) * (k + 2) + k, 1), *addend = random_floats((m - 1) * (n + 1) + n, 3);
  const uint8_t *bytes = random_bytes(2 * panels * np * k, (uint32_t)n);
  uint16_t *b = guarded((size_t)(2 * panels * np * k));
  float *wide = filled_floats(panels * np * k, 0);
  for (int64_t i = 0; i < panels * np * k; i++) {
    b[i] = (uint16_t)((bytes[2 * i] | bytes[2 * i + 1] << 8) & 0xbfff);
    if (i / (np * k) * np + i % np >= n) b[i] = 0;
    wide[i] = widened(b[i], is_bfloat);
  }
  const onyx_direct_epilogue e = {.bias = form & 1 ? random_floats(n, 4) : 0, .addend = form & 2 ? addend : 0, .addend_row_stride = n + 1,
                                  .alpha = 0.5f, .low = -0.75f, .high = 0.5f, .flags = (uint32_t)form / 4};
  float *c = random_floats((m - 1) * ldc + n, 5), *expected = random_floats((m - 1) * ldc + n, 5);
  row->half(k, a, k + 2, m, b, np * k, n, is_bfloat, c, ldc, &e);
  if (m == 1) row->vector(k, a, wide, np * k, n, expected, &e);
  else row->direct(k, a, k + 2, m, wide, np * k, n, expected, ldc, &e);
  check_equal(c, expected, (m - 1) * ldc + n, "half %lld x %lld x %lld form %d %d", (long long)m, (long long)n, (long long)k, form, is_bfloat);
}

static void check_widening(const onyx_gemm_row *row) {
  const int64_t np = row->column_panel;
  uint16_t *b = guarded((size_t)(2 * np));
  float *y = filled_floats(np, 0), *expected = filled_floats(np, 0);
  const float one = 1;
  const onyx_direct_epilogue e = {.alpha = 1};
  for (int32_t code = 0; code < 65536; code += (int32_t)np)
    for (int32_t is_bfloat = 0; is_bfloat < 2; is_bfloat++) {
      for (int64_t i = 0; i < np; i++) b[i] = (uint16_t)(code + i), expected[i] = widened(b[i], is_bfloat) + 0.0f;
      row->half(1, &one, 1, 1, b, np, np, is_bfloat, y, np, &e);
      check_equal(y, expected, np, "codes from %d %d", code, is_bfloat);
    }
}

// A column's sum is the same whatever the columns beside it: of one vector, of a tile and of whole rows.
static void check_wide(const onyx_gemm_row *row, const onyx_gemm_row *scalar, int64_t k, int64_t n) {
  const float *x = random_floats(k, 6), *b = random_floats(k * n, 7);
  float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
  row->gemv_rows(y, x, b, n, k, n), scalar->gemv_rows(e, x, b, n, k, n);
  check_close(y, e, n, 1e-6, 1e-7 * (double)(k + 8), "wide gemv_rows %lld x %lld", (long long)k, (long long)n);
  for (int64_t j = 0; j < n; j += 7) row->gemv_rows(e + j, x, b + j, n, k, n - j < 7 ? n - j : 7);
  check_equal(y, e, n, "wide gemv_rows by pieces %lld x %lld", (long long)k, (long long)n);
}

// Rows by rows and columns by columns the same bits as together.
static void check_few(const onyx_gemm_row *row, const onyx_gemm_row *scalar, int64_t m, int64_t n, int64_t k) {
  const int64_t ldx = k + 2, ldb = n + 1, ldy = n + 3, count = (m - 1) * ldy + n;
  const float *x = random_floats((m - 1) * ldx + k, 8), *b = random_floats(k ? (k - 1) * ldb + n : 0, 9);
  float *y = filled_floats(count, 7), *e = filled_floats(count, 7);
  row->few_rows(y, ldy, x, ldx, m, b, ldb, k, n), scalar->few_rows(e, ldy, x, ldx, m, b, ldb, k, n);
  check_close(y, e, count, 1e-6, 1e-7 * (double)(k + 8), "few_rows %lld x %lld x %lld", (long long)m, (long long)n, (long long)k);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j += 37)
      row->few_rows(e + i * ldy + j, ldy, x + i * ldx, ldx, 1, b + j, ldb, k, n - j < 37 ? n - j : 37);
  check_equal(y, e, count, "few_rows by pieces %lld x %lld x %lld", (long long)m, (long long)n, (long long)k);
}

FAMILY(gemm) {
  for (int64_t m = 1; m <= ONYX_GEMM_FEW_ROWS; m++) {
    for (int64_t n = 1; n < 80; n += 13) check_few(row, scalar, m, n, 3 * n % 23);
    check_few(row, scalar, m, 1061, 21), check_few(row, scalar, m, 33, 1030);
  }
  for (int64_t k = 0; k < 1100; k = 3 * k + 1)
    for (int64_t n = 48; n < 300; n += 61) check_wide(row, scalar, k, n);
  check_wide(row, scalar, 9, 1024), check_wide(row, scalar, 17, 2500);
  check_widening(row);
  for (int64_t i = 0; i < COUNT(shapes); i++)
    for (int form = 0; form < 32; form++) check_half(row, shapes[i], form, form % 3 == 0);
  for (int64_t i = 0; i < COUNT(shapes); i++)
    for (uint32_t flags = 0; flags < 8; flags++) check_epilogue(row, scalar, shapes[i], flags, flags % 2);
  for (int64_t i = 0; i < COUNT(shapes); i++)
    for (int form = 0; form < 32; form++) check_direct(row, scalar, shapes[i], form);
  for (int64_t n = 1; n < 75; n += 7)
    for (int64_t k = 0; k < 1100; k = 3 * k + 1) {
      const float *x = random_floats(k, 6), *b = random_floats(k * n, 7);
      float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
      row->gemv_rows(y, x, b, n, k, n), scalar->gemv_rows(e, x, b, n, k, n);
      check_close(y, e, n, 1e-6, 1e-7 * (double)(k + 8), "gemv_rows %lld x %lld", (long long)k, (long long)n);
      row->gemv_columns(y, x, b, k, k, n), scalar->gemv_columns(e, x, b, k, k, n);
      check_close(y, e, n, 1e-6, 1e-7 * (double)(k + 8), "gemv_columns %lld x %lld", (long long)k, (long long)n);
    }
}
