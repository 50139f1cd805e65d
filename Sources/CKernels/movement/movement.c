#include <string.h>

#include "../include/CKernels.h"

typedef struct {
  uint64_t low, high;
} word16;

#define INLINE static inline __attribute__((always_inline, unused))

// A block of 16 bytes by 16 bytes of elements is transposed in registers by rounds of interleaving: a round of row i with
// row i + N/2 moves one bit of the row's number into the column's.
#define BLOCKS(T, N)                                                                                              \
  typedef T vector_##T __attribute__((ext_vector_type(N)));                                                       \
  INLINE vector_##T low_##T(vector_##T a, vector_##T b);                                                          \
  INLINE vector_##T high_##T(vector_##T a, vector_##T b);                                                         \
  INLINE void block_##T(T *target, int64_t target_row, const void *source, int64_t source_column) {               \
    vector_##T a[N], b[N];                                                                                        \
    const char *from = source;                                                                                    \
    const int64_t step = source_column * (int64_t)sizeof(T);                                                      \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < N; i++) memcpy(&a[i], from + i * step, 16);            \
    _Pragma("clang loop unroll(full)") for (int round = 1; round < N; round *= 2) {                               \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < N / 2; i++) {                                        \
        b[2 * i] = low_##T(a[i], a[i + N / 2]);                                                                   \
        b[2 * i + 1] = high_##T(a[i], a[i + N / 2]);                                                              \
      }                                                                                                           \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < N; i++) a[i] = b[i];                                 \
    }                                                                                                             \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < N; i++) memcpy(target + i * target_row, &a[i], 16);    \
  }

BLOCKS(uint8_t, 16)
BLOCKS(uint16_t, 8)
BLOCKS(uint32_t, 4)
BLOCKS(uint64_t, 2)

INLINE vector_uint8_t low_uint8_t(vector_uint8_t a, vector_uint8_t b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
INLINE vector_uint8_t high_uint8_t(vector_uint8_t a, vector_uint8_t b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
INLINE vector_uint16_t low_uint16_t(vector_uint16_t a, vector_uint16_t b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
INLINE vector_uint16_t high_uint16_t(vector_uint16_t a, vector_uint16_t b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
INLINE vector_uint32_t low_uint32_t(vector_uint32_t a, vector_uint32_t b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
INLINE vector_uint32_t high_uint32_t(vector_uint32_t a, vector_uint32_t b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
INLINE vector_uint64_t low_uint64_t(vector_uint64_t a, vector_uint64_t b) { return __builtin_shufflevector(a, b, 0, 2); }
INLINE vector_uint64_t high_uint64_t(vector_uint64_t a, vector_uint64_t b) { return __builtin_shufflevector(a, b, 1, 3); }

#define word16_BLOCK 1
INLINE void block_word16(word16 *target, int64_t target_row, const void *source, int64_t source_column) {
  (void)target_row, (void)source_column;
  memcpy(target, source, sizeof *target);
}

INLINE void copy_bytes(char *target, const char *source, int64_t bytes) {
  if (bytes >= 8 && bytes <= 16) {
    uint64_t first, last;
    memcpy(&first, source, 8);
    memcpy(&last, source + bytes - 8, 8);
    memcpy(target, &first, 8);
    memcpy(target + bytes - 8, &last, 8);
  } else if (bytes > 16 && bytes <= 64) {
    for (int64_t i = 0; i + 16 <= bytes; i += 16) memcpy(target + i, source + i, 16);
    memcpy(target + bytes - 16, source + bytes - 16, 16);
  } else if (bytes == 128) {
    memcpy(target, source, 128);
  } else if (bytes == 4) {
    memcpy(target, source, 4);
  } else {
    memcpy(target, source, (size_t)bytes);
  }
}

// Equal rows side by side: what is written is copied on, twice as much each time.
static void repeat_bytes(char *target, const char *source, int64_t bytes, int64_t count) {
  if (count <= 0) return;
  copy_bytes(target, source, bytes);
  int64_t done = bytes, all = bytes * count;
  while (done < all) {
    // Not beyond what the first-level cache holds.
    int64_t next = done < 8192 ? done : 8192 / bytes * bytes;
    if (next == 0) next = bytes;
    if (next > all - done) next = all - done;
    copy_bytes(target + done, target, next);
    done += next;
  }
}

// Sources need not be aligned for T.
#define PLANES(T, N)                                                                                                    \
  typedef T loose_##T __attribute__((aligned(1)));                                                                      \
  INLINE void line_##T(T *target, int64_t target_step, const loose_##T *source, int64_t source_step, int64_t n) {         \
    if (source_step == 0) {                                                                                             \
      const T value = *source;                                                                                          \
      if (target_step == 1)                                                                                             \
        for (int64_t i = 0; i < n; i++) target[i] = value;                                                              \
      else                                                                                                              \
        for (int64_t i = 0; i < n; i++) target[i * target_step] = value;                                                \
    } else if (target_step == 1 && source_step == -1) {                                                                 \
      for (int64_t i = 0; i < n; i++) target[i] = source[-i];                                                           \
    } else if (target_step == 1 && source_step == 2) {                                                                  \
      for (int64_t i = 0; i < n; i++) target[i] = source[2 * i];                                                        \
    } else if (target_step == 1) {                                                                                      \
      for (int64_t i = 0; i < n; i++) target[i] = source[i * source_step];                                              \
    } else if (source_step == 1) {                                                                                      \
      for (int64_t i = 0; i < n; i++) target[i * target_step] = source[i];                                              \
    } else {                                                                                                            \
      for (int64_t i = 0; i < n; i++) target[i * target_step] = source[i * source_step];                                \
    }                                                                                                                   \
  }                                                                                                                     \
  /* source_row and target_column are 1. Pieces of source rows go through a block of memory that stays in the first cache, so that \
     cache lines of both sides are moved whole, once, whatever the strides. */ \
  static void transpose_##T( \
    T *target, int64_t target_row, const loose_##T *source, int64_t source_column, int64_t rows, int64_t columns) { \
    enum { SIDE = 64 / sizeof(T), LONG = 4 * SIDE }; \
    T tile[LONG * SIDE] __attribute__((aligned(64))); \
    for (int64_t r = 0; r < rows; r += LONG) { \
      const int64_t height = r + LONG < rows ? LONG : rows - r; \
      for (int64_t c = 0; c < columns; c += SIDE) { \
        const int64_t width = c + SIDE < columns ? SIDE : columns - c; \
        const loose_##T *from = source + c * source_column + r; \
        int64_t j = 0; \
        for (; j + N <= width; j += N) { \
          int64_t i = 0; \
          for (; i + N <= height; i += N) block_##T(tile + i * SIDE + j, SIDE, from + j * source_column + i, source_column); \
          for (; i < height; i++) \
            for (int64_t k = j; k < j + N; k++) tile[i * SIDE + k] = from[k * source_column + i]; \
        } \
        for (; j < width; j++) \
          for (int64_t i = 0; i < height; i++) tile[i * SIDE + j] = from[j * source_column + i]; \
        T *to = target + r * target_row + c; \
        if (width == SIDE) \
          for (int64_t i = 0; i < height; i++) memcpy(to + i * target_row, tile + i * SIDE, 64); \
        else \
          for (int64_t i = 0; i < height; i++) memcpy(to + i * target_row, tile + i * SIDE, (size_t)width * sizeof(T)); \
      } \
    } \
  } \
  static void plane_##T(                                                                                                \
    T *target, int64_t target_row, int64_t target_column, const loose_##T *source, int64_t source_row, int64_t source_column,   \
    int64_t rows, int64_t columns) {                                                                                    \
    if (target_column == 1 && source_column == 1) {                                                                     \
      const int64_t bytes = columns * (int64_t)sizeof(T);                                                               \
      if (source_row == 0 && target_row == columns) {                                                                   \
        repeat_bytes((char *)target, (const char *)source, bytes, rows);                                                \
      } else {                                                                                                          \
        for (int64_t r = 0; r < rows; r++) copy_bytes((char *)(target + r * target_row), (const char *)(source + r * source_row), bytes); \
      }                                                                                                                 \
    } else if (target_column == 1 && source_row == 1 && source_column == 2 && rows == 2) {                              \
      /* Pairs are taken apart: each is read once. */                                                                   \
      T *first = target, *second = target + target_row;                                                                 \
      for (int64_t c = 0; c < columns; c++) first[c] = source[2 * c], second[c] = source[2 * c + 1];                    \
    } else if (target_column == 1 && source_row == 1 && source_column != 0 && columns >= N && rows >= N) {              \
      transpose_##T(target, target_row, source, source_column, rows, columns);                                          \
    } else if (columns < 16 && rows > columns) {                                                                        \
      /* Rows are long: pieces of them, so that what the columns share stays in the cache. */                           \
      for (int64_t r = 0; r < rows; r += 256) {                                                                         \
        const int64_t n = rows - r < 256 ? rows - r : 256;                                                              \
        for (int64_t c = 0; c < columns; c++)                                                                           \
          line_##T(                                                                                                     \
            target + r * target_row + c * target_column, target_row, source + r * source_row + c * source_column, source_row, n); \
      }                                                                                                                 \
    } else {                                                                                                            \
      for (int64_t c = 0; c < columns; c += 256) {                                                                      \
        const int64_t n = columns - c < 256 ? columns - c : 256;                                                        \
        for (int64_t r = 0; r < rows; r++)                                                                              \
          line_##T(                                                                                                     \
            target + r * target_row + c * target_column, target_column, source + r * source_row + c * source_column,    \
            source_column, n);                                                                                          \
      }                                                                                                                 \
    }                                                                                                                   \
  }

PLANES(uint8_t, 16)
PLANES(uint16_t, 8)
PLANES(uint32_t, 4)
PLANES(uint64_t, 2)
PLANES(word16, 1)

#define BY_WIDTH(statement)                         \
  switch (width) {                                  \
    case 1: { typedef uint8_t T; statement(uint8_t) } break;   \
    case 2: { typedef uint16_t T; statement(uint16_t) } break; \
    case 4: { typedef uint32_t T; statement(uint32_t) } break; \
    case 8: { typedef uint64_t T; statement(uint64_t) } break; \
    default: { typedef word16 T; statement(word16) } break;    \
  }

void onyx_copy_plane(
  int64_t width, void *target, int64_t target_row, int64_t target_column, const void *source, int64_t source_row,
  int64_t source_column, int64_t rows, int64_t columns) {
#define PLANE(T_) plane_##T_((T *)target, target_row, target_column, (const loose_##T_ *)source, source_row, source_column, rows, columns);
  BY_WIDTH(PLANE)
}

void onyx_take(int64_t width, void *target, const void *source, const int64_t *positions, int64_t n) {
#define TAKE(T_)              \
  T *to = target;             \
  const T *from = source;     \
  for (int64_t i = 0; i < n; i++) to[i] = from[positions[i]];
  BY_WIDTH(TAKE)
}

void onyx_fill(int64_t width, void *target, const void *value, int64_t n) {
  // Bytes that are all the same, as those of zero, are filled as bytes.
  const unsigned char *bytes = value;
  int64_t same = 1;
  while (same < width && bytes[same] == bytes[0]) same++;
  if (same == width) {
    if (n > 0) memset(target, bytes[0], (size_t)(n * width));
    return;
  }
#define FILL(T_)                        \
  T *to = target;                       \
  T word;                               \
  memcpy(&word, value, sizeof(T));      \
  for (int64_t i = 0; i < n; i++) to[i] = word;
  BY_WIDTH(FILL)
}

INLINE int64_t index_at(const void *indices, int64_t index_width, int64_t i) {
  return index_width == 8 ? ((const int64_t *)indices)[i] : ((const int32_t *)indices)[i];
}

// An index counted from the end gets the extent added; what is outside becomes at least the extent as an unsigned number.
INLINE uint64_t position(int64_t index, int64_t extent) { return (uint64_t)index + (uint64_t)((index >> 63) & extent); }

#define BY_INDEX(statement)            \
  if (index_width == 8) {              \
    const int64_t *index = indices;    \
    statement                          \
  } else {                             \
    const int32_t *index = indices;    \
    statement                          \
  }

int64_t onyx_positions(int64_t *positions, const void *indices, int64_t index_width, int64_t n, int64_t extent) {
  uint64_t outside = 0;
#define NORMALIZE                                                 \
  for (int64_t i = 0; i < n; i++) {                               \
    const uint64_t p = position(index[i], extent);                \
    positions[i] = (int64_t)p;                                    \
    outside |= p >= (uint64_t)extent;                             \
  }
  BY_INDEX(NORMALIZE)
  if (!outside) return n;
  for (int64_t i = 0; i < n; i++)
    if ((uint64_t)positions[i] >= (uint64_t)extent) return i;
  return n;
}

int64_t onyx_gather_line(
  int64_t width, void *target, const void *source, const void *indices, int64_t index_width, int64_t n, int64_t extent,
  int64_t axis_stride, int64_t step) {
// A line along the last axis needs no products. Four indices at a time are asked with one branch; the loop behind finds which is outside.
#define GATHER_LOOP(offset)                                                                          \
  for (; i + 4 <= n; i += 4) {                                                                       \
    uint64_t p[4];                                                                                   \
    int outside = 0;                                                                                 \
    for (int j = 0; j < 4; j++) {                                                                    \
      p[j] = position(index[i + j], extent);                                                         \
      outside |= p[j] >= (uint64_t)extent;                                                           \
    }                                                                                                \
    if (outside) break;                                                                              \
    for (int j = 0; j < 4; j++) to[i + j] = from[offset(p[j], i + j)];                               \
  }                                                                                                  \
  for (; i < n; i++) {                                                                               \
    const uint64_t p = position(index[i], extent);                                                   \
    if (p >= (uint64_t)extent) return i;                                                             \
    to[i] = from[offset(p, i)];                                                                      \
  }
#define PLACE(p, i) (p)
#define STRIDED_PLACE(p, i) ((int64_t)(p) * axis_stride + (i) * step)
#define GATHER_LINE                                               \
  int64_t i = 0;                                                  \
  if (axis_stride == 1 && step == 0) {                            \
    GATHER_LOOP(PLACE)                                            \
    return n;                                                     \
  }                                                               \
  GATHER_LOOP(STRIDED_PLACE)
#define GATHER(T_)        \
  T *to = target;         \
  const T *from = source; \
  BY_INDEX(GATHER_LINE)
  BY_WIDTH(GATHER)
  return n;
}

int64_t onyx_scatter_line(
  int64_t width, void *target, const void *updates, const void *indices, int64_t index_width, int64_t n, int64_t extent,
  int64_t axis_stride, int64_t step) {
#define SCATTER_LINE                                              \
  for (int64_t i = 0; i < n; i++) {                               \
    const uint64_t p = position(index[i], extent);                \
    if (p >= (uint64_t)extent) return i;                          \
    to[(int64_t)p * axis_stride + i * step] = from[i];            \
  }
#define SCATTER(T_)        \
  T *to = target;          \
  const T *from = updates; \
  BY_INDEX(SCATTER_LINE)
  BY_WIDTH(SCATTER)
  return n;
}

int64_t onyx_tuple_offsets(
  int64_t *offsets, const int64_t *tuples, int64_t n, int64_t parts, const int64_t *extents, const int64_t *strides) {
  uint64_t outside = 0;
  for (int64_t i = 0; i < n; i++) {
    uint64_t offset = 0;
    for (int64_t k = 0; k < parts; k++) {
      const uint64_t p = position(tuples[i * parts + k], extents[k]);
      outside |= p >= (uint64_t)extents[k];
      offset += p * (uint64_t)strides[k];
    }
    offsets[i] = (int64_t)offset;
  }
  if (!outside) return n * parts;
  for (int64_t i = 0; i < n * parts; i++)
    if (position(tuples[i], extents[i % parts]) >= (uint64_t)extents[i % parts]) return i;
  return n * parts;
}

void onyx_move_runs(
  void *target, const void *source, const int64_t *offsets, int64_t bytes_per_offset, int64_t bytes, int64_t n, int32_t scatters) {
  char *to = target;
  const char *from = source;
#define RUNS(size)                                                                                                \
  if (scatters)                                                                                                   \
    for (int64_t i = 0; i < n; i++) copy_bytes(to + offsets[i] * bytes_per_offset, from + i * (size), size);      \
  else                                                                                                            \
    for (int64_t i = 0; i < n; i++) copy_bytes(to + i * (size), from + offsets[i] * bytes_per_offset, size);
  switch (bytes) {
    case 1: RUNS(1) break;
    case 2: RUNS(2) break;
    case 4: RUNS(4) break;
    case 8: RUNS(8) break;
    case 16: RUNS(16) break;
    case 32: RUNS(32) break;
    case 64: RUNS(64) break;
    default: RUNS(bytes)
  }
}
