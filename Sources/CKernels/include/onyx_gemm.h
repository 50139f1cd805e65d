#pragma once
#include <stddef.h>
#include <stdint.h>

// Packed operand: panels of `width` lanes (rows of A or columns of B), each panel `k` groups of `width` floats.
// Panel p starts at p * panel_stride. Lanes past the end are zero up to a whole vector in panels of whole vectors
// and unspecified otherwise; no kernel reads the unspecified ones.

enum {
  ONYX_GEMM_ACCUMULATE = 1,  // add to C instead of overwriting it
  ONYX_GEMM_SCALE = 2,       // multiply the product by alpha
  ONYX_GEMM_CLAMP = 4,       // limit to [low, high] at the end; NaN stays
};

// The most rows that `few_rows` takes.
enum { ONYX_GEMM_FEW_ROWS = 8 };

// What happens to a block of products on its way to C:
// c = clamp((accumulate ? c : 0) + alpha * product + row_bias[i] + column_bias[j]), biases may be null.
typedef struct {
  const float *row_bias;
  const float *column_bias;
  float alpha, low, high;
  uint32_t flags;
} onyx_gemm_epilogue;

// The same for products that read A in place, in this order: scale, add C, add the bias of the column, add the
// addend's element, clamp. Bias and addend may be null; the addend may be C itself when nothing is accumulated.
typedef struct {
  const float *bias;
  const float *addend;
  int64_t addend_row_stride;
  float alpha, low, high;
  uint32_t flags;
} onyx_direct_epilogue;

typedef struct {
  uint32_t isa;
  const char *name;
  int32_t row_panel;     // lanes of a panel of A
  int32_t column_panel;  // lanes of a panel of B

  // Packs lanes x k elements src[lane * lane_stride + p * k_stride] into panels of `width` lanes.
  void (*pack)(float *dst, int64_t width, int64_t panel_stride, const float *src, int64_t lane_stride,
               int64_t k_stride, int64_t lanes, int64_t k);

  // C[rows, columns] from packed A and B over k terms; C has unit column stride. One chain of k additions per
  // element: callers split k.
  void (*block)(int64_t k, const float *a, int64_t a_panel_stride, int64_t rows, const float *b,
                int64_t b_panel_stride, int64_t columns, float *c, int64_t c_row_stride,
                const onyx_gemm_epilogue *epilogue);

  // y[j] = sum over p of x[p] * b[p * row_stride + j], j < n. Chains of at most 512 terms.
  void (*gemv_rows)(float *y, const float *x, const float *b, int64_t row_stride, int64_t k, int64_t n);

  // y[j] = sum over p of x[p] * b[j * column_stride + p], j < n.
  void (*gemv_columns)(float *y, const float *x, const float *b, int64_t column_stride, int64_t k, int64_t n);

  // y[i, j] = sum over p of x[i, p] * b[p, j], i < rows <= ONYX_GEMM_FEW_ROWS and j < n: B is read once, where it lies. Chains of at most
  // 512 terms; an element's sum is the same whatever the rows and columns beside it.
  void (*few_rows)(float *y, int64_t y_row_stride, const float *x, int64_t x_row_stride, int64_t rows, const float *b, int64_t b_row_stride,
                   int64_t k, int64_t n);

  // C[rows, columns] from A with rows `a_row_stride` apart, not packed, and packed B. Each element is one chain of k
  // additions in order, whatever the number of rows: callers split k.
  void (*direct)(int64_t k, const float *a, int64_t a_row_stride, int64_t rows, const float *b, int64_t b_panel_stride,
                 int64_t columns, float *c, int64_t c_row_stride, const onyx_direct_epilogue *epilogue);

  // The same for one row, whose sums run in four chains.
  void (*vector)(int64_t k, const float *a, const float *b, int64_t b_panel_stride, int64_t columns, float *c,
                 const onyx_direct_epilogue *epilogue);

  // `vector` for one row and `direct` for more, with panels of float16 or, when is_bfloat is set, bfloat16 numbers whose lanes past
  // the end are zero up to the whole panel: the same bits as with those numbers in float32. For few rows, where reading B is the bound.
  void (*half)(int64_t k, const float *a, int64_t a_row_stride, int64_t rows, const uint16_t *b, int64_t b_panel_stride,
               int64_t columns, int32_t is_bfloat, float *c, int64_t c_row_stride, const onyx_direct_epilogue *epilogue);
} onyx_gemm_row;
