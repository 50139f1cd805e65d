#pragma once
#include <stddef.h>
#include <stdint.h>

// Winograd's minimal filtering of 3x3 windows in channel blocks: n x n outputs of a tile come from (n + 2) x (n + 2) products.
// Y = A^T [(G g G^T) . (B^T d B)] A with n = 4 (points 0, +-1/sqrt 2, +-sqrt 2, infinity) or n = 2 (points 0, +-1, infinity).
// G's rows carry no denominators for n = 4: A has them, where they cost nothing.

// A run of neighbouring tiles of one row of tiles, of one block of 16 channels.
typedef struct {
  const float *x;         // [height][width][16]
  int64_t height, width;  // pixels outside read as zero
  int64_t top, left;      // the first tile's first input pixel; may lie outside
  int64_t count;          // tiles, n pixels apart
  float *v;               // position p of tile t at p * position_stride + t * 16
  int64_t position_stride;
} onyx_winograd_input;

typedef struct {
  const float *m;  // position p of tile t at p * position_stride + t * 16
  int64_t position_stride;
  float *y;               // [height][width][16]
  const float *z;         // addend laid out as y, may be null
  int64_t height, width;  // pixels outside are not written
  int64_t top, left;      // the first tile's first output pixel, inside
  int64_t count;
  const float *bias;  // [16], may be null
  float low, high;    // limits of the result; NaN stays
} onyx_winograd_output;

// M = V U for every position: a sum over the channels for each tile and each filter of a panel.
typedef struct {
  const float *v;  // channel c of tile t of position p at p * v_position_stride + c / 16 * v_block_stride + t * 16 + c % 16
  int64_t v_position_stride, v_block_stride;
  const float *u;  // channel c at p * u_position_stride + c * 16
  int64_t u_position_stride;
  float *m;  // tile t at p * m_position_stride + t * 16
  int64_t m_position_stride;
  int64_t positions, tiles, channels;
  int32_t accumulate;  // add to m instead of overwriting it
  const void *ahead;   // memory wanted next, or null; brought nearer, never read
  int64_t ahead_bytes;
} onyx_winograd_product;

// One size of tile.
typedef struct {
  int32_t size;  // n
  void (*input)(const onyx_winograd_input *);
  void (*output)(const onyx_winograd_output *);  // y = limit(A^T m A + bias + z)

  // u[p * position_stride + c * 16 + lane] from g[(c * 9 + tap) * 16 + lane], c < count.
  void (*filter)(float *u, int64_t position_stride, const float *g, int64_t count);
} onyx_winograd_size;

typedef struct {
  uint32_t isa;
  onyx_winograd_size four, two;

  // Each sum is one chain of `channels` additions: callers split it.
  void (*product)(const onyx_winograd_product *);

  // The same for n = 4 and at most `few` tiles with u = g as `filter` reads it: each filter is transformed in registers, once for
  // each row of positions. u_position_stride is not used. Null where few is 0.
  int32_t few;
  void (*few_product)(const onyx_winograd_product *);
} onyx_winograd_row;
