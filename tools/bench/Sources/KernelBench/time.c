#define _POSIX_C_SOURCE 200809L  // clock_gettime
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double bench_wall(void) { return seconds_of(CLOCK_MONOTONIC); }

enum { SAMPLES = 7 };
static const double sample_seconds = 0.002;

double bench_time(bench_body body, uint32_t isa, bench_work *work) {
  int64_t calls = 1;
  double best = 0;
  for (int sample = 0; sample <= SAMPLES;) {
    const double start = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    *work = body(isa, calls);
    const double seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID) - start;
    if (work->calls == 0) return 0;
    // The first long enough sample warms up.
    if (sample == 0 && seconds < sample_seconds) {
      calls *= seconds < sample_seconds / 16 ? 16 : 2;
      continue;
    }
    if (sample == 1 || (sample > 1 && seconds < best)) best = seconds;
    sample++;
  }
  return best / (double)calls;
}

// Areas a multiple of pages apart would compete for the same lines of a cache, and a store to one of them would hold up
// loads from another that follow it at nearly the same place of a page.
enum { AREAS = 8, GAP = 1392, SPACING = BENCH_LARGE + GAP };

float *bench_area(int number) {
  static float *areas;
  if (!areas) {
    const size_t bytes = (size_t)AREAS * SPACING * sizeof(float);
    areas = aligned_alloc(1 << 12, (bytes + 4095) / 4096 * 4096);
    if (!areas) {
      fputs("kernel-bench: there is no memory for the data\n", stderr);
      exit(1);
    }
    // Neighbours differ, and repeated multiplication neither vanishes nor overflows.
    for (size_t i = 0; i < bytes / sizeof(float); i++) areas[i] = 0.5f + (float)((i * 40503u) & 1023) / 1024.0f;
  }
  return areas + (size_t)number * SPACING;
}
