#include "../bench.h"

BENCH_ROWS(normalize)

static bench_work passed(int64_t n, int64_t calls) { return (bench_work){.read = 4.0 * (double)n, .written = 4.0 * (double)n, .calls = calls}; }

static bench_work softmax(uint32_t isa, int64_t calls) {
  enum { N = 197, LINES = 8 };
  const onyx_normalize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->softmax_lines(bench_area(1), bench_area(0), LINES, N, 0);
  return passed(LINES * N, calls);
}

static bench_work softmax_columns(uint32_t isa, int64_t calls) {
  enum { N = 64, WIDTH = 64 };
  const onyx_normalize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->softmax_columns(bench_area(1), bench_area(0), N, WIDTH, WIDTH, 0);
  return passed(N * WIDTH, calls);
}

static bench_work moments(uint32_t isa, int64_t calls) {
  enum { N = 384 };
  const onyx_normalize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  float mean, variance;
  for (int64_t i = 0; i < calls; i++) row->moments(bench_area(0), N, &mean, &variance);
  return (bench_work){.read = 2 * 4.0 * N, .calls = calls};
}

static bench_work normalize(uint32_t isa, int64_t calls) {
  enum { N = 384 };
  const onyx_normalize_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  for (int64_t i = 0; i < calls; i++) row->normalize(bench_area(1), bench_area(0), N, 1, 0.5f, bench_area(2), bench_area(3));
  return (bench_work){.read = 3 * 4.0 * N, .written = 4.0 * N, .calls = calls};
}

static const bench_case cases[] = {
  {"normalize", "softmax, 8 lines of 197", BENCH_L1, softmax},
  {"normalize", "softmax, 64 columns of 64", BENCH_L1, softmax_columns},
  {"normalize", "moments, 384 (two passes)", BENCH_L1, moments},
  {"normalize", "normalize, 384", BENCH_L1, normalize},
};

bench_family bench_normalize(void) { return BENCH_FAMILY(cases); }
