#pragma once
#include <stddef.h>
#include <stdint.h>

// Boxes that are taken by falling score unless they overlap one that was taken before (ONNX: NonMaxSuppression).
//
// The rank of a score falls where scores rise: both zeros have the same one, and NaN has 0xfffffffe, behind all numbers.
typedef struct {
  uint32_t isa;

  // Writes rank << 32 | index, by rising index, for those of scores[0, n) whose rank is at least `low` and less than low + width, and
  // returns how many these are. `keys` has room for n; n < 2^32.
  int64_t (*candidates)(uint64_t *keys, const float *scores, int64_t n, uint32_t low, uint32_t width);

  // Takes the box at `coordinates` unless one of the *count boxes in `kept` overlaps it by more than `threshold`, and tells whether it
  // was taken. A box that is taken and has an area joins those in `kept`, which has five lines of `stride` floats: lesser and greater
  // second coordinate, lesser and greater first one, area. Not is_centered: [y, x, y, x] of two opposite corners, else
  // [x, y, width, height] of the centre and the size.
  int (*take)(float *kept, int64_t stride, int64_t *count, const float *coordinates, int is_centered, float threshold);
} onyx_boxes_row;
