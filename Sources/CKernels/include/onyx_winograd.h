#pragma once
#include <stddef.h>
#include <stdint.h>

// Winograd's minimal filtering of 3x3 windows in channel blocks: n x n outputs of a tile come from (n + 2) x (n + 2) products.
// Y = A^T [(G g G^T) . (B^T d B)] A with n = 4 (points 0, +-1/sqrt 2, +-sqrt 2, infinity) or n = 2 (points 0, +-1, infinity).
// G's rows carry no denominators for n = 4: A has them, where they cost nothing.
//
// All outputs of a tile come from sums over all of its inputs: the rounding errors of large inputs reach outputs whose windows hold
// only small ones, and an infinity, a NaN or an overflow reaches all of them. Tiles where that matters are summed directly.

// A run of neighbouring tiles of one row of tiles, of one block of 16 channels.
typedef struct {
  const float *x;         // [height][width][16]
  int64_t height, width;  // pixels outside read as zero
  int64_t top, left;      // the first tile's first input pixel; may lie outside
  int64_t count;          // tiles, n pixels apart
  float *v;               // position p of tile t at p * position_stride + t * 16
  int64_t position_stride;
  float *squares;  // [tile][quadrant][16]: sums of squares, lane by lane; may be null
} onyx_winograd_input;

// Which tiles are uneven: the sums of squares of two of their quadrants, neither of them 0, differ by more than a factor of `limit`.
typedef struct {
  const float *squares;  // of block b at b * block_stride
  int64_t block_stride, channels, tiles;
  float limit;
  float *uneven;  // [tile], 1 where it is, else 0
} onyx_winograd_evenness;

// What the direct sum of a tile takes besides its place.
typedef struct {
  const float *x;  // block b of 16 channels at b * block_stride, [height][width][16]
  int64_t block_stride, channels, height, width;
  int64_t pad_top, pad_left;  // output pixel (r, c) sees the window that begins at (r - pad_top, c - pad_left)
  const float *g;             // [channel][tap][16], the panel's filters
} onyx_winograd_direct;

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

  // Where it is there, uneven tiles and those with a result that is not finite are summed directly.
  const onyx_winograd_direct *direct;
  const float *uneven;  // of the run's tiles, may be null
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
  void (*evenness)(const onyx_winograd_evenness *);

  // Each sum is one chain of `channels` additions: callers split it.
  void (*product)(const onyx_winograd_product *);

  // The same for n = 4 and at most `few` tiles with u = g as `filter` reads it: each filter is transformed in registers, once for
  // each row of positions. u_position_stride is not used. Null where few is 0.
  int32_t few;
  void (*few_product)(const onyx_winograd_product *);
} onyx_winograd_row;
