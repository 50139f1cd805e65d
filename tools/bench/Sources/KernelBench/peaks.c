#ifdef __linux__
#define _GNU_SOURCE  // sched_setaffinity
#include <sched.h>
#endif
#include "peaks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "bench.h"

static volatile float sink;

static const peak_loops *loops_of(uint32_t isa) {
  const peak_loops *all[] = {bench_loops_avx512, bench_loops_avx2, bench_loops_neon, bench_loops_scalar};
  for (size_t i = 0; i < 4; i++)
    if (all[i] && all[i]->isa == isa) return all[i];
  return bench_loops_scalar;
}

enum { FMA_ROUNDS = 4096 };

static bench_work fma_body(uint32_t isa, int64_t calls) {
  const peak_loops *loops = loops_of(isa);
  for (int64_t i = 0; i < calls; i++) sink = loops->fma(FMA_ROUNDS);
  return (bench_work){.flops = 2.0 * FMA_ROUNDS * (double)(loops->chains * loops->lanes), .calls = calls};
}

// Bytes that lie well inside each level; the last one in no cache.
static const int64_t level_bytes[] = {24 << 10, 384 << 10, 6 << 20, 256 << 20};
static int level;
static int64_t area_elements(int64_t bytes) { return bytes / (int64_t)sizeof(float) / 2048 * 2048; }

static bench_work read_body(uint32_t isa, int64_t calls) {
  const int64_t n = area_elements(level_bytes[level]);
  // The areas lie one behind the other.
  for (int64_t i = 0; i < calls; i++) sink = loops_of(isa)->read(bench_area(0), n);
  return (bench_work){.read = (double)n * sizeof(float), .calls = calls};
}

static bench_work copy_body(uint32_t isa, int64_t calls) {
  const int64_t n = area_elements(level_bytes[level] / 2);
  for (int64_t i = 0; i < calls; i++) loops_of(isa)->copy(bench_area(4), bench_area(0), n);
  return (bench_work){.read = (double)n * sizeof(float), .written = (double)n * sizeof(float), .calls = calls};
}

static double rate(bench_body body, uint32_t isa) {
  bench_work work;
  const double seconds = bench_time(body, isa, &work);
  return (work.flops + work.read + work.written) / seconds / 1e9;
}

// Threads that do the same at the same time, by the clock on the wall.
typedef struct {
  uint32_t isa;
  int number, count;
  atomic_int *ready;
  bool reads;
  double seconds;
} crew_member;

enum { CREW = 2, CREW_SAMPLES = 5 };

static void crew_work(const crew_member *member) {
  const peak_loops *loops = loops_of(member->isa);
  if (member->reads) {
    (void)loops->read(bench_area(4 * member->number), area_elements(level_bytes[2] * 16));
  } else {
    for (int i = 0; i < 64; i++) (void)loops->fma(FMA_ROUNDS);
  }
}

static void *crew_main(void *argument) {
  crew_member *member = argument;
  crew_work(member);
  for (int sample = 0; sample < CREW_SAMPLES; sample++) {
    atomic_fetch_add(member->ready, 1);
    while (atomic_load(member->ready) < member->count * (sample + 1)) {}
    const double start = bench_wall();
    crew_work(member);
    const double seconds = bench_wall() - start;
    if (sample == 0 || seconds < member->seconds) member->seconds = seconds;
  }
  return NULL;
}

// The sum of the rates of `count` threads, at most CREW.
static double crew_rate(uint32_t isa, bool reads, int count) {
  atomic_int ready = 0;
  crew_member members[CREW];
  pthread_t threads[CREW];
  for (int i = 0; i < count; i++) {
    members[i] = (crew_member){isa, i, count, &ready, reads, 0};
    if (pthread_create(&threads[i], NULL, crew_main, &members[i])) return 0;
  }
  const peak_loops *loops = loops_of(isa);
  const double flops = 64 * 2.0 * FMA_ROUNDS * (double)(loops->chains * loops->lanes);
  const double amount = reads ? (double)(area_elements(level_bytes[2] * 16) * (int64_t)sizeof(float)) : flops;
  double sum = 0;
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    sum += amount / members[i].seconds / 1e9;
  }
  return sum;
}

static bool has_two_cores(void) { return sysconf(_SC_NPROCESSORS_ONLN) > 1; }

bench_peaks bench_measure_peaks(uint32_t isa, bool with_threads) {
  bench_peaks peaks = {0};
  peaks.gigaflops = rate(fma_body, isa);
  for (level = 0; level < 4; level++) {
    peaks.read[level] = rate(read_body, isa);
    peaks.copy[level] = rate(copy_body, isa);
  }
  if (with_threads && has_two_cores()) {
    peaks.gigaflops_two_threads = crew_rate(isa, false, CREW);
    peaks.read_two_threads = crew_rate(isa, true, CREW);
  }
  return peaks;
}

enum { ROUND_TRIPS = 20000 };

typedef struct {
  _Alignas(256) atomic_int ball;
} court;

static void stay_on(int core) {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
#else
  (void)core;
#endif
}

static void *return_the_ball(void *argument) {
  court *court = argument;
  stay_on(1);
  for (int i = 0; i < ROUND_TRIPS; i++) {
    while (atomic_load_explicit(&court->ball, memory_order_acquire) != 2 * i + 1) {}
    atomic_store_explicit(&court->ball, 2 * i + 2, memory_order_release);
  }
  return NULL;
}

double bench_round_trip(void) {
  if (!has_two_cores()) return 0;
  static court shared;
  atomic_store(&shared.ball, 0);
  pthread_t other;
  if (pthread_create(&other, NULL, return_the_ball, &shared)) return 0;
#ifdef __linux__
  cpu_set_t before;
  sched_getaffinity(0, sizeof before, &before);
#endif
  stay_on(0);
  double start = 0;
  for (int i = 0; i < ROUND_TRIPS; i++) {
    if (i == ROUND_TRIPS / 10) start = bench_wall();
    atomic_store_explicit(&shared.ball, 2 * i + 1, memory_order_release);
    while (atomic_load_explicit(&shared.ball, memory_order_acquire) != 2 * i + 2) {}
  }
  const double seconds = bench_wall() - start;
  pthread_join(other, NULL);
#ifdef __linux__
  sched_setaffinity(0, sizeof before, &before);
#endif
  return seconds / (ROUND_TRIPS - ROUND_TRIPS / 10) * 1e9;
}

double bench_cores(uint32_t isa) {
  if (!has_two_cores()) return 1;
  const double one = crew_rate(isa, false, 1);
  return one > 0 ? crew_rate(isa, false, CREW) / one : 0;
}
