#include "check.h"

#include <math.h>

static const int64_t shapes[][3] = {{1, 1, 1},    {1, 33, 5},    {5, 1, 9},    {3, 2, 4},     {6, 16, 3},   {7, 17, 10},
                                    {13, 31, 33}, {14, 32, 64},  {15, 65, 17}, {29, 47, 131}, {2, 7, 2048}};

typedef struct {
  const onyx_int8_row *row;
  int64_t m, n, k;
  uint8_t *a, *b;  // [m, k] and [k, n]
  void *rows, *columns;
  int32_t *row_sums, *column_sums;
} product;

static int64_t up(int64_t x, int64_t step) { return (x + step - 1) / step * step; }

// `transposed` has the memory of both operands in the other order.
static product make(const onyx_int8_row *row, const int64_t *s, int signed_columns, uint8_t flip, int transposed) {
  product p = {.row = row, .m = s[0], .n = s[1], .k = s[2]};
  const int64_t words = up(p.k, row->group) / row->group;
  p.a = random_bytes(p.m * p.k, 1), p.b = random_bytes(p.k * p.n, 2);
  p.rows = guarded((size_t)(up(p.m, row->row_panel) * words * 4));
  p.columns = guarded((size_t)(up(p.n, row->column_panel) * words * row->group));
  p.row_sums = guarded((size_t)p.m * 4), p.column_sums = guarded((size_t)p.n * 4);
  row->pack_rows(p.rows, p.a, transposed ? 1 : p.k, transposed ? p.m : 1, p.m, p.k, flip, !signed_columns, p.row_sums);
  row->pack_columns(p.columns, p.b, transposed ? p.k : 1, transposed ? 1 : p.n, p.n, p.k, flip, signed_columns,
                    p.column_sums);
  return p;
}

static int32_t sum_of(const product *p, int64_t i, int64_t j, int signed_columns, uint8_t flip, int transposed) {
  uint32_t sum = 0;
  for (int64_t q = 0; q < p->k; q++) {
    const uint8_t x = p->a[transposed ? q * p->m + i : i * p->k + q] ^ flip, y = p->b[transposed ? j * p->k + q : q * p->n + j] ^ flip;
    sum += (uint32_t)(signed_columns ? x * (int8_t)y : (int8_t)x * y);
  }
  return (int32_t)sum;
}

static void check_product(const onyx_int8_row *row, const int64_t *s, int signed_columns, uint8_t flip, int transposed) {
  const product p = make(row, s, signed_columns, flip, transposed);
  const int64_t ldc = p.n + 3, count = (p.m - 1) * ldc + p.n;
  const float *row_scale = random_floats(p.m, 3), *column_scale = random_floats(p.n, 4), *row_shift = random_floats(p.m, 5),
              *column_shift = random_floats(p.n, 6);
  const int32_t *row_bias = random_bytes(4 * p.m, 7), *column_bias = random_bytes(4 * p.n, 8);
  for (int form = 0; form < 15; form++) {
    // Without biases, with biases, with the products of sums by column and by row, and the form of convolutions.
    const onyx_int8_epilogue e = {
      .row_bias = form / 3 == 1 || form / 3 == 4 ? row_bias : 0, .column_bias = form / 3 == 1 ? column_bias : 0,
      .row_term = form / 6 == 1 ? p.row_sums : 0, .column_term = form / 6 == 1 ? p.column_sums : 0,
      .row_scale = form / 3 != 2 ? row_scale : 0, .column_scale = form / 3 == 2 ? column_scale : 0,
      .row_shift = form / 3 == 2 ? row_shift : 0, .column_shift = form / 3 == 3 ? column_shift : 0,
      .divisor = form % 2 ? 1 : 1.7f, .low = -100, .high = 155, .zero_point = form % 2 ? 100 : -28, .kind = form % 3};
    char *c = random_bytes(4 * count, 9), *expected = random_bytes(4 * count, 9);
    row->block(p.k, p.rows, p.m, p.columns, p.n, c, ldc, signed_columns, &e);
    for (int64_t i = 0; i < p.m; i++)
      for (int64_t j = 0; j < p.n; j++) {
        uint32_t t = (uint32_t)sum_of(&p, i, j, signed_columns, flip, transposed);
        if (e.row_bias) t += (uint32_t)e.row_bias[i];
        if (e.column_bias) t += (uint32_t)e.column_bias[j];
        if (e.row_term) t += (uint32_t)e.row_term[i] * (uint32_t)e.column_term[j];
        // Each step is an assignment, so that no compiler contracts it.
        volatile float f = (float)(int32_t)t;
        if (e.row_scale) f = f * e.row_scale[i];
        if (e.column_scale) f = f * e.column_scale[j];
        if (e.row_shift) f = f + e.row_shift[i];
        if (e.column_shift) f = f + e.column_shift[j];
        const int64_t at = i * ldc + j;
        if (e.kind == ONYX_INT8_SUMS) ((int32_t *)expected)[at] = (int32_t)t;
        if (e.kind == ONYX_INT8_FLOATS) ((float *)expected)[at] = f;
        f = f / e.divisor;
        const float r = rintf(f);
        if (e.kind == ONYX_INT8_BYTES) expected[at] = (char)(int32_t)((r < e.low ? e.low : r > e.high ? e.high : r) + (float)e.zero_point);
      }
    check_bits(c, expected, (size_t)(count * (e.kind == ONYX_INT8_BYTES ? 1 : 4)), "%lld x %lld x %lld, signed columns %d, flip %d, transposed %d, form %d",
               (long long)p.m, (long long)p.n, (long long)p.k, signed_columns, flip, transposed, form);
  }
}

// Pixels of an image packed as columns, against the same matrix written out.
static void check_pixels(const onyx_int8_row *row, int64_t row_length, int64_t first, int64_t pixels, int64_t k) {
  const int64_t lines = (first + pixels + row_length - 1) / row_length, stride = row_length + 2;
  const int64_t bytes = up(pixels, row->column_panel) * up(k, row->group);
  // One run ends with the image; of several, sixteen bytes after it can be read.
  const int64_t slack = row_length >= first + pixels ? 0 : 15;
  const uint8_t *src = random_bytes((lines - 1) * stride + row_length + 2 * (k - 1) + slack, 3);
  int64_t *taps = guarded((size_t)k * 8), *bases = guarded((size_t)lines * 8);
  for (int64_t p = 0; p < k; p++) taps[p] = 2 * ((p * 7) % k);
  for (int64_t r = 0; r < lines; r++) bases[r] = r * stride;
  uint8_t *matrix = guarded((size_t)(k * pixels)), *y = random_bytes(bytes, 4), *e = random_bytes(bytes, 5);
  int32_t *sums = guarded((size_t)pixels * 4), *expected = guarded((size_t)pixels * 4);
  for (int64_t p = 0; p < k; p++)
    for (int64_t x = 0; x < pixels; x++)
      matrix[p * pixels + x] = src[taps[p] + bases[(first + x) / row_length] + (first + x) % row_length];
  for (int flip = 0; flip < 2; flip++) {
    row->pack_pixels(y, src, taps, k, bases, row_length, first, pixels, flip ? 0x80 : 0, flip, sums);
    row->pack_columns(e, matrix, 1, pixels, pixels, k, flip ? 0x80 : 0, flip, expected);
    check_bits(y, e, (size_t)bytes, "pack_pixels row %lld first %lld pixels %lld k %lld", (long long)row_length, (long long)first,
               (long long)pixels, (long long)k);
    check_bits(sums, expected, (size_t)pixels * 4, "sums of pack_pixels");
  }
}

// A plane of bytes staged, against the float kernel.
static void check_stage(const onyx_int8_row *row, int64_t width, int64_t pad, int64_t stride, int64_t phases, int64_t phase_width) {
  const int64_t height = 4, rows = 7, count = rows * phases * phase_width;
  size_t tiers = 0;
  const onyx_image_row *const *images = onyx_image_rows(&tiers);
  const uint8_t *src = random_bytes(height * width, 1);
  float *floats = filled_floats(height * width, 0), *e = filled_floats(count, NAN), *f = filled_floats(count, NAN);
  uint8_t *y = random_bytes(count, 2);
  for (int64_t i = 0; i < height * width; i++) floats[i] = src[i];
  images[tiers - 1]->stage_plane(e, rows, phases, phase_width, floats, height, width, 2, pad, stride, 7);
  row->stage_plane(y, rows, phases, phase_width, src, height, width, 2, pad, stride, 7);
  for (int64_t i = 0; i < count; i++) f[i] = y[i];
  check_equal(f, e, count, "stage_plane width %lld pad %lld stride %lld phases %lld", (long long)width, (long long)pad,
              (long long)stride, (long long)phases);
}

FAMILY(int8) {
  (void)scalar;
  for (int64_t i = 0; i < COUNT(shapes); i++)
    for (int form = 0; form < 8; form++) check_product(row, shapes[i], form & 1, form & 2 ? 0x80 : 0, form & 4);
  for (int64_t length = 1; length < 90; length = length * 2 + 1)
    for (int64_t pixels = 1; pixels < 100; pixels += 13)
      for (int64_t k = 1; k < 12; k += 5) check_pixels(row, length, pixels % 5, pixels, k);
  for (int64_t width = 1; width < 40; width += 3)
    for (int64_t pad = 0; pad < 4; pad++)
      for (int64_t stride = 1; stride < 4; stride++)
        for (int64_t phases = 1; phases <= stride; phases++)
          check_stage(row, width, pad, stride, phases, (width + 2 * pad) / stride + 1);
}
