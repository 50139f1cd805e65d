#include "check.h"

#include <math.h>
#include <string.h>

// How far a tier's function may be from the scalar tier's: relative, and absolute where the formula subtracts.
typedef struct {
  float p0, p1;
  double relative, absolute;
} function_case;

static const function_case unaries[ONYX_UNARY_COUNT] = {
  [ONYX_UNARY_LEAKY_RELU] = {0.25f},
  [ONYX_UNARY_CLIP] = {-0.5f, 2},
  [ONYX_UNARY_SIGMOID] = {0, 0, 6e-7, 0x1p-126},
  [ONYX_UNARY_HARD_SIGMOID] = {0.25f, 0.5f, 1e-6, 1e-7},
  [ONYX_UNARY_HARD_SWISH] = {0, 0, 1e-6, 1e-6},
  [ONYX_UNARY_SWISH] = {1, 0, 6e-7, 0x1p-118},
  [ONYX_UNARY_TANH] = {0, 0, 6e-7},
  [ONYX_UNARY_EXP] = {0, 0, 6e-7, 0x1p-147},
  [ONYX_UNARY_LOG] = {0, 0, 6e-7},
  [ONYX_UNARY_ERF] = {0, 0, 6e-7},
  [ONYX_UNARY_GELU] = {0, 0, 1e-6, 1e-6},
  [ONYX_UNARY_GELU_TANH] = {0, 0, 1e-5, 1e-6},
  [ONYX_UNARY_ELU] = {0.75f, 0, 6e-7},
  [ONYX_UNARY_MISH] = {0, 0, 1e-6, 0x1p-118},
  [ONYX_UNARY_SOFTPLUS] = {0, 0, 1e-6, 0x1p-126},
  [ONYX_UNARY_SELU] = {1.6732632f, 1.050701f, 1e-6},
  [ONYX_UNARY_CELU] = {2, 0, 6e-7},
  [ONYX_UNARY_THRESHOLDED_RELU] = {1},
  [ONYX_UNARY_AFFINE] = {2, 1},
};

static const function_case binaries[ONYX_BINARY_COUNT] = {
  [ONYX_BINARY_SWIGLU] = {1, 0, 1e-6, 0x1p-118},
};

static void check_function(const float *y, const float *e, int64_t n, const function_case *c, const char *form, int f) {
  if (c->relative == 0) check_equal(y, e, n, "%s %d of %lld", form, f, (long long)n);
  else check_close(y, e, n, c->relative, c->absolute, "%s %d of %lld", form, f, (long long)n);
}

static void check_unary(const onyx_elementwise_row *row, const onyx_elementwise_row *scalar, int64_t n) {
  const float *x = sweep_floats(n, (uint32_t)n + 1);
  for (int f = 0; f < ONYX_UNARY_COUNT; f++) {
    const function_case c = unaries[f];
    float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN), *in_place = filled_floats(n, NAN);
    row->unary[f](y, x, n, c.p0, c.p1), scalar->unary[f](e, x, n, c.p0, c.p1);
    check_function(y, e, n, &c, "unary", f);
    memcpy(in_place, x, (size_t)n * sizeof(float));
    row->unary[f](in_place, in_place, n, c.p0, c.p1);
    check_equal(in_place, y, n, "unary %d in place of %lld", f, (long long)n);
  }
}

// What functions with a bend or a limit make of -Inf, Inf and NaN; p0 and p1 as above.
static const struct {
  int function;
  float of_minus_infinity, of_infinity, of_nan;
} extremes[] = {
  {ONYX_UNARY_RELU, 0, INFINITY, NAN},
  {ONYX_UNARY_CLIP, -0.5f, 2, NAN},
  {ONYX_UNARY_SIGMOID, 0, 1, NAN},
  {ONYX_UNARY_HARD_SIGMOID, 0, 1, NAN},
  {ONYX_UNARY_HARD_SWISH, NAN, INFINITY, NAN},
  {ONYX_UNARY_SWISH, NAN, INFINITY, NAN},
  {ONYX_UNARY_TANH, -1, 1, NAN},
  {ONYX_UNARY_EXP, 0, INFINITY, NAN},
  {ONYX_UNARY_LOG, NAN, INFINITY, NAN},
  {ONYX_UNARY_ERF, -1, 1, NAN},
  {ONYX_UNARY_GELU, NAN, INFINITY, NAN},
  {ONYX_UNARY_GELU_TANH, NAN, INFINITY, NAN},
  {ONYX_UNARY_ELU, -0.75f, INFINITY, NAN},
  {ONYX_UNARY_MISH, NAN, INFINITY, NAN},
  {ONYX_UNARY_SOFTPLUS, 0, INFINITY, NAN},
  {ONYX_UNARY_SOFTSIGN, NAN, NAN, NAN},
  {ONYX_UNARY_CELU, -2, INFINITY, NAN},
  {ONYX_UNARY_THRESHOLDED_RELU, 0, INFINITY, 0},
};

// The extremes in every lane of whole vectors and of tails: the scalar row has the same formulas, so numbers are needed.
static void check_extremes(const onyx_elementwise_row *row, int64_t n) {
  float *x = filled_floats(n, 0), *y = filled_floats(n, 0), *e = filled_floats(n, 0);
  for (int64_t f = 0; f < COUNT(extremes); f++) {
    const int function = extremes[f].function;
    for (int64_t i = 0; i < n; i++) {
      const int64_t kind = (i + n) % 3;
      x[i] = kind == 0 ? -INFINITY : kind == 1 ? INFINITY : NAN;
      e[i] = kind == 0 ? extremes[f].of_minus_infinity : kind == 1 ? extremes[f].of_infinity : extremes[f].of_nan;
    }
    row->unary[function](y, x, n, unaries[function].p0, unaries[function].p1);
    check_close(y, e, n, 0, 0, "unary %d of infinities and NaN, %lld", function, (long long)n);
  }
}

static void check_binary(const onyx_elementwise_row *row, const onyx_elementwise_row *scalar, int64_t n) {
  const float *a = sweep_floats(n, 3 * (uint32_t)n + 1), *b = sweep_floats(n, 5 * (uint32_t)n + 2), *one = random_floats(1, 9);
  float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
  for (int f = 0; f < ONYX_BINARY_COUNT; f++) {
    const function_case c = binaries[f];
    row->binary[f](y, a, b, n, c.p0), scalar->binary[f](e, a, b, n, c.p0);
    check_function(y, e, n, &c, "binary", f);
    row->binary_scalar[f](y, a, one, n, c.p0), scalar->binary_scalar[f](e, a, one, n, c.p0);
    check_function(y, e, n, &c, "binary_scalar", f);
    row->scalar_binary[f](y, one, b, n, c.p0), scalar->scalar_binary[f](e, one, b, n, c.p0);
    check_function(y, e, n, &c, "scalar_binary", f);
  }
}

// Functions over channel blocks against those of whole runs.
static void check_blocks(const onyx_elementwise_row *row, int64_t pixels) {
  const int64_t n = pixels * 16;
  const float *a = sweep_floats(n, 7 * (uint32_t)pixels + 3), *lanes = sweep_floats(16, 11), *each = sweep_floats(pixels, 13);
  float *all_lanes = filled_floats(n, 0), *all_pixels = filled_floats(n, 0);
  for (int64_t i = 0; i < n; i++) all_lanes[i] = lanes[i % 16], all_pixels[i] = each[i / 16];
  for (int form = 0; form < ONYX_BLOCK_FORM_COUNT; form++) {
    const int by_lanes = form == ONYX_BLOCK_BY_LANES || form == ONYX_LANES_BY_BLOCK;
    const int reversed = form == ONYX_LANES_BY_BLOCK || form == ONYX_PIXELS_BY_BLOCK;
    const float *b = by_lanes ? all_lanes : all_pixels;
    for (int f = 0; f < ONYX_BINARY_COUNT; f++) {
      if (!row->block[form][f]) continue;
      float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
      row->block[form][f](y, a, by_lanes ? lanes : each, pixels, binaries[f].p0);
      row->binary[f](e, reversed ? b : a, reversed ? a : b, n, binaries[f].p0);
      check_equal(y, e, n, "block form %d of %d, %lld pixels", form, f, (long long)pixels);
    }
  }
}

FAMILY(elementwise) {
  for (int64_t pixels = 0; pixels < 9; pixels++) check_blocks(row, pixels);
  for (int64_t n = 0; n < 70; n++) {
    check_unary(row, scalar, n);
    check_extremes(row, n);
    check_binary(row, scalar, n);
    const float *x = sweep_floats(n, (uint32_t)n), *scale = random_floats(n, 4), *shift = random_floats(n, 5);
    float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
    row->scale_shift(y, x, n, 1.3f, 0.7f, -2, 5), scalar->scale_shift(e, x, n, 1.3f, 0.7f, -2, 5);
    check_close(y, e, n, 1e-6, 1e-6, "scale_shift of %lld", (long long)n);
    for (int form = 0; form < 4; form++) {
      const float *s = form & 1 ? scale : 0, *t = form & 2 ? shift : 0;
      row->scale_shift_rows(y, x, n, s, t, -2, 50), scalar->scale_shift_rows(e, x, n, s, t, -2, 50);
      check_close(y, e, n, 1e-6, 1e-6, "scale_shift_rows %d of %lld", form, (long long)n);
    }
    row->fill(y, 0.3f, n);
    check_equal(y, filled_floats(n, 0.3f), n, "fill of %lld", (long long)n);
  }
  check_unary(row, scalar, 40000);
}
