// Compares every row of the kernel tables with the scalar row, without Swift: the program is small enough to be cross-compiled
// and run under an emulator. One file per family; see tools/check_kernels.
#pragma once
#include "CKernels.h"

// Memory between unreadable pages, valid until the family's check ends: its last byte is followed by one, or, once `guard_first_bytes`
// was called, its first byte follows one. Never null.
void *guarded(size_t bytes);
void guard_first_bytes(void);

// n floats in [-1, 1) from a seed.
float *random_floats(int64_t n, uint32_t seed);

// n floats over all magnitudes, among them both zeros, both infinities, denormals and a NaN.
float *sweep_floats(int64_t n, uint32_t seed);

// n random bytes, for integer kernels.
void *random_bytes(int64_t n, uint32_t seed);

// n floats that hold `value`.
float *filled_floats(int64_t n, float value);

// Counts one comparison; prints the first few that fail. NaN equals NaN. `case_text` is a printf format.
void check_bits(const void *actual, const void *expected, size_t bytes, const char *case_text, ...)
  __attribute__((format(printf, 4, 5)));

// |actual - expected| <= relative * |expected| + absolute, element by element; infinities must be equal.
void check_close(const float *actual, const float *expected, int64_t n, double relative, double absolute,
                 const char *case_text, ...) __attribute__((format(printf, 6, 7)));

// The same bits except for NaNs, whose payload is nobody's business.
void check_equal(const float *actual, const float *expected, int64_t n, const char *case_text, ...)
  __attribute__((format(printf, 4, 5)));

// For main.c: which row the comparisons are about, and how many there were.
void begin_row(const char *family, uint32_t isa);
long end_row(void);

#define COUNT(array) ((int64_t)(sizeof(array) / sizeof((array)[0])))

// FAMILY(gemm) { ... } is the check of one family: `row` against `scalar`, both const onyx_gemm_row *.
#define FAMILY(name)                                                                            \
  static void check_row(const onyx_##name##_row *row, const onyx_##name##_row *scalar);         \
  void check_##name(uint32_t mask);                                                             \
  void check_##name(uint32_t mask) {                                                            \
    size_t count = 0;                                                                           \
    const onyx_##name##_row *const *rows = onyx_##name##_rows(&count);                          \
    for (size_t i = 0; i < count; i++) {                                                        \
      if (!(rows[i]->isa & mask)) continue;                                                     \
      begin_row(#name, rows[i]->isa);                                                           \
      check_row(rows[i], rows[count - 1]);                                                      \
      end_row();                                                                                \
    }                                                                                           \
  }                                                                                             \
  static void check_row(const onyx_##name##_row *row, const onyx_##name##_row *scalar)
