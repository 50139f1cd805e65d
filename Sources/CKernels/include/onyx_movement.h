// Moving elements of 1, 2, 4, 8 or 16 bytes without looking at them. Plain functions for every machine: the vectors of the
// baseline do what memory allows. Strides are in elements and may be zero or negative on the source's side. Source and target
// do not overlap, except where a function says so.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// target[r * target_row + c * target_column] = source[r * source_row + c * source_column], r < rows, c < columns.
// `width` is the element width in bytes: 1, 2, 4, 8 or 16. The source need not be aligned for it.
void onyx_copy_plane(
  int64_t width, void *target, int64_t target_row, int64_t target_column, const void *source, int64_t source_row,
  int64_t source_column, int64_t rows, int64_t columns);

// target[i] = source[positions[i]], i < n. Positions are inside the source.
void onyx_take(int64_t width, void *target, const void *source, const int64_t *positions, int64_t n);

// target[i] = *value, i < n.
void onyx_fill(int64_t width, void *target, const void *value, int64_t n);

// positions[i] = indices[i] counted from the start of an axis of `extent` elements; `index_width` is 4 or 8 bytes, signed.
// Gives the first i whose index is outside the axis, else n.
int64_t onyx_positions(int64_t *positions, const void *indices, int64_t index_width, int64_t n, int64_t extent);

// A line of GatherElements: target[i] = source[p * axis_stride + i * step], p the index i counted from the start of the axis.
// Gives the first i whose index is outside the axis, else n; nothing outside is read.
int64_t onyx_gather_line(
  int64_t width, void *target, const void *source, const void *indices, int64_t index_width, int64_t n, int64_t extent,
  int64_t axis_stride, int64_t step);

// A line of ScatterElements: target[p * axis_stride + i * step] = updates[i], in order. Gives as onyx_gather_line.
int64_t onyx_scatter_line(
  int64_t width, void *target, const void *updates, const void *indices, int64_t index_width, int64_t n, int64_t extent,
  int64_t axis_stride, int64_t step);

// The offsets of n tuples of `parts` int64 indices each: offsets[i] = sum of index * stride, indices counted from the start of
// their axis. Gives the first position of an index outside its axis in `tuples`, else n * parts.
int64_t onyx_tuple_offsets(
  int64_t *offsets, const int64_t *tuples, int64_t n, int64_t parts, const int64_t *extents, const int64_t *strides);

// n runs of `bytes` bytes: run i goes from source + offsets[i] * bytes_per_offset to target + i * bytes, or when `scatters` from
// source + i * bytes to target + offsets[i] * bytes_per_offset, in order.
void onyx_move_runs(
  void *target, const void *source, const int64_t *offsets, int64_t bytes_per_offset, int64_t bytes, int64_t n, int32_t scatters);

#pragma clang assume_nonnull end
