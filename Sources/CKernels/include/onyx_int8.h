#pragma once
#include <stddef.h>
#include <stdint.h>

// Products of matrices of bytes, summed in int32 that wraps. One operand is signed and the other unsigned; bytes of the
// other kind are moved by 128 while they are packed (`flip` = 0x80), and so is their zero point.
//
// Packed rows: panels of row_panel lanes, each panel ceil(k / group) words of four bytes per lane. Packed columns:
// panels of column_panel lanes, each panel ceil(k / group) times `group` bytes per lane. Terms past k are zero, lanes
// past the end are zero. Panels follow each other without a gap.

enum {
  ONYX_INT8_SUMS = 0,    // int32
  ONYX_INT8_BYTES = 1,   // quantized
  ONYX_INT8_FLOATS = 2,  // float32
};

// What becomes of the sum s of row i and column j. Each pointer may be null.
// t = s + row_bias[i] + column_bias[j] + row_term[i] * column_term[j], in int32 that wraps.
//   sums:   t
//   floats: f = (float)t * row_scale[i] * column_scale[j] + row_shift[i] + column_shift[j], each step rounded
//   bytes:  min(max(round_half_even(f / divisor), low), high) + zero_point; NaN gives low + zero_point
typedef struct {
  const int32_t *row_bias, *column_bias, *row_term, *column_term;
  const float *row_scale, *column_scale, *row_shift, *column_shift;
  float divisor, low, high;
  int32_t zero_point;
  int32_t kind;
} onyx_int8_epilogue;

typedef struct {
  uint32_t isa;
  int32_t row_panel, column_panel, group;

  // Packs lanes x k bytes src[lane * lane_stride + p * k_stride] ^ flip as rows of signed or unsigned numbers. `sums`,
  // when given, gets the sum of each lane.
  void (*pack_rows)(void *dst, const uint8_t *src, int64_t lane_stride, int64_t k_stride, int64_t lanes, int64_t k,
                    uint8_t flip, int32_t is_signed, int32_t *sums);

  // The same as columns.
  void (*pack_columns)(void *dst, const uint8_t *src, int64_t lane_stride, int64_t k_stride, int64_t lanes, int64_t k,
                       uint8_t flip, int32_t is_signed, int32_t *sums);

  // Packs columns of an image: element (tap, pixel) is src[taps[tap] + bases[pixel / row_length] + pixel % row_length].
  // When row_length is below the number of pixels asked for, up to 15 bytes after each run are read.
  void (*pack_pixels)(void *dst, const uint8_t *src, const int64_t *taps, int64_t k, const int64_t *bases,
                      int64_t row_length, int64_t first, int64_t pixels, uint8_t flip, int32_t is_signed, int32_t *sums);

  // stage_plane of onyx_image.h for bytes.
  void (*stage_plane)(uint8_t *dst, int64_t rows, int64_t phases, int64_t phase_width, const uint8_t *src, int64_t height,
                      int64_t width, int64_t pad_rows, int64_t pad, int64_t stride, uint8_t fill);

  // C[rows, columns] from packed operands; rows of C are c_row_stride elements apart. The columns are signed and the
  // rows unsigned when signed_columns is set, the other way round otherwise.
  void (*block)(int64_t k, const void *rows_packed, int64_t rows, const void *columns_packed, int64_t columns, void *c,
                int64_t c_row_stride, int32_t signed_columns, const onyx_int8_epilogue *epilogue);
} onyx_int8_row;
