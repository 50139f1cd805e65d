#include "check.h"

#include <math.h>

enum { BLOCKS = 3 };

// Weights for panels of `panel` columns, made of the same numbers whatever the width of a panel.
static onyx_nbits_weights weights(int bits, int32_t panel, int64_t columns, int64_t block_groups, int has_zeros) {
  const int64_t groups = BLOCKS * block_groups, panels = (columns + panel - 1) / panel;
  const uint32_t *words = random_bytes(groups * columns * 4, 1);
  const float *scales = random_floats(BLOCKS * columns, 2), *zeros = random_floats(BLOCKS * columns, 3);
  uint32_t *w = guarded((size_t)(panels * groups * panel) * 4);
  float *s = filled_floats(panels * BLOCKS * panel, 1), *z = filled_floats(panels * BLOCKS * panel, 0);
  for (int64_t c = 0; c < panels * panel; c++) {
    for (int64_t g = 0; g < groups; g++) w[((c / panel) * groups + g) * panel + c % panel] = c < columns ? words[g * columns + c] : 0;
    for (int64_t b = 0; b < BLOCKS && c < columns; b++) {
      const int64_t place = ((c / panel) * BLOCKS + b) * panel + c % panel;
      s[place] = scales[b * columns + c], z[place] = zeros[b * columns + c];
    }
  }
  return (onyx_nbits_weights){.words = w, .word_stride = groups * panel, .scales = s, .zeros = has_zeros ? z : 0,
                              .scale_stride = BLOCKS * panel, .block_groups = block_groups, .bits = bits};
}

static void check_bits_of(const onyx_nbits_row *row, const onyx_nbits_row *scalar, int bits, int64_t columns, int has_zeros) {
  const int64_t groups = 16 * bits / 32 * 3, depth = BLOCKS * groups * 32 / bits;
  const onyx_nbits_weights w = weights(bits, row->panel, columns, groups, has_zeros);
  const onyx_nbits_weights v = weights(bits, scalar->panel, columns, groups, has_zeros);
  const float *bias = random_floats(columns, 4);
  for (int64_t rows = 1; rows < 7; rows++) {
    const float *a = random_floats(rows * depth, 5), *sums = has_zeros ? random_floats(rows * BLOCKS, 6) : 0;
    float *y = filled_floats(rows * columns, NAN), *e = filled_floats(rows * columns, NAN);
    row->product(&w, BLOCKS, a, depth, sums, BLOCKS, rows, columns, y, columns, has_zeros ? bias : 0);
    scalar->product(&v, BLOCKS, a, depth, sums, BLOCKS, rows, columns, e, columns, has_zeros ? bias : 0);
    check_close(y, e, rows * columns, 1e-5, 1e-5 * (1 << bits), "%d bits, %lld rows, %lld columns", bits, (long long)rows,
                (long long)columns);
  }
  // Each column of the first panel against a product with a row that has one term.
  const int64_t stride = row->panel + 3;
  float *x = filled_floats(2 * depth / BLOCKS * stride, NAN), *one = filled_floats(depth, 0), *expected = filled_floats(columns, 0);
  row->expand(x, stride, &w, 1, 2);
  for (int64_t k = depth / BLOCKS; k < depth; k += 5) {
    float *block_sums = filled_floats(BLOCKS, 0);
    one[k] = 1, block_sums[k / (depth / BLOCKS)] = 1;
    scalar->product(&v, BLOCKS, one, depth, block_sums, BLOCKS, 1, columns, expected, columns, 0);
    check_close(x + (k - depth / BLOCKS) * stride, expected, columns < row->panel ? columns : row->panel, 1e-6, 1e-6,
                "term %lld of %d bits", (long long)k, bits);
    one[k] = 0;
  }
}

FAMILY(nbits) {
  static const int64_t counts[] = {1, 7, 8, 16, 31, 32, 33, 70};
  for (int bits = 2; bits <= 8; bits *= 2)
    for (int64_t i = 0; i < COUNT(counts); i++)
      for (int has_zeros = 0; has_zeros < 2; has_zeros++) check_bits_of(row, scalar, bits, counts[i], has_zeros);
}
