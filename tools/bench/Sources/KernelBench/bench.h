// What the cases and the program share.
#pragma once
#include <CKernels.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What bounds a kernel on the data of its case.
typedef enum {
  BENCH_FMA,     // multiply-adds of floats
  BENCH_HALVES,  // multiply-adds of bfloat16: twice as many
  BENCH_BYTES,   // multiply-adds of bytes: four times as many
  BENCH_L1,      // bytes between registers and the nearest cache that holds the data
  BENCH_L2,
  BENCH_DRAM,
} bench_limit;

// The work of one call; flops count a multiply-add as two. A zero `calls` says that the tier lacks the kernel.
typedef struct {
  double flops, read, written;
  int64_t calls;
} bench_work;

// Calls the tier's kernel `calls` times.
typedef bench_work (*bench_body)(uint32_t isa, int64_t calls);

// One kernel on one set of data.
typedef struct {
  const char *family, *name;
  bench_limit limit;
  bench_body body;
} bench_case;

// The cases of a family.
typedef struct {
  const bench_case *cases;
  size_t count;
} bench_family;

#define BENCH_FAMILY(list) ((bench_family){(list), sizeof(list) / sizeof((list)[0])})

// Each family has its cases in a file of its name; without them the program does not link.
#define BENCH_DECLARE(family, tiers) bench_family bench_##family(void);
ONYX_FAMILIES(BENCH_DECLARE)

// Elements that fit the first-level cache three times over, the second-level cache three times over, and no cache.
enum { BENCH_SMALL = 1 << 11, BENCH_MEDIUM = 1 << 15, BENCH_LARGE = 1 << 24 };

// One of eight areas of 64 MiB one behind the other, aligned to vectors and filled with numbers in 0.5 ... 1.5.
float *bench_area(int number);

// Defines `row_of`: the family's row of exactly this tier; null when it has none.
#define BENCH_ROWS(family)                                                         \
  static const onyx_##family##_row *row_of(uint32_t isa) {                         \
    size_t count;                                                                  \
    const onyx_##family##_row *const *rows = onyx_##family##_rows(&count);         \
    for (size_t i = 0; i < count; i++)                                             \
      if (rows[i]->isa == isa) return rows[i];                                     \
    return NULL;                                                                   \
  }

// Seconds of a clock that only moves forward.
double bench_wall(void);

// Seconds that one call takes, by processor time of this thread: the best of several samples.
double bench_time(bench_body body, uint32_t isa, bench_work *work);

// What the machine can do with one tier on one thread, and with all of its own tiers on two.
typedef struct {
  double gigaflops, gigaflops_two_threads;
  double read[4], copy[4];  // GB/s by level: L1, L2, L3, DRAM; a copy counts both directions
  double read_two_threads;  // DRAM
} bench_peaks;

bench_peaks bench_measure_peaks(uint32_t isa, bool with_threads);

// Nanoseconds for a cache line to go to another core and back; 0 when there is one core only.
double bench_round_trip(void);

// How many times the arithmetic of one thread two of them do in the same time: 2 on two cores, 1 where they share one.
double bench_cores(uint32_t isa);
