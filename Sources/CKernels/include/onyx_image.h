#pragma once
#include <stddef.h>
#include <stdint.h>

// Rows of a staged image: padded on both sides and split by stride phase, so that element x of phase f is the
// padded element x * stride + f. After staging every tap of a window is one constant offset and outputs read
// consecutive elements whatever the stride.
typedef struct {
  uint32_t isa;

  // Writes `rows` staged rows of a plane of height x width: row r is source row r - pad_rows, or `fill` when that
  // is outside. Within a row phase f < phases has phase_width elements from f * phase_width on; padded element i is
  // source element i - pad inside [0, width) and `fill` outside.
  void (*stage_plane)(float *dst, int64_t rows, int64_t phases, int64_t phase_width, const float *src,
                      int64_t height, int64_t width, int64_t pad_rows, int64_t pad, int64_t stride, float fill);

  // Packs pixels [first, first + pixels) x k taps into panels of `width` pixels (see onyx_gemm.h):
  // element (tap, pixel) is src[taps[tap] + bases[pixel / row_length] + pixel % row_length].
  void (*pack_pixels)(float *dst, int64_t width, int64_t panel_stride, const float *src, const int64_t *taps,
                      int64_t k, const int64_t *bases, int64_t row_length, int64_t first, int64_t pixels);
} onyx_image_row;
