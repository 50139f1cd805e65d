#include "check.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct block {
  struct block *next;
  void *base;
  size_t size;
} block;

static block *blocks;
static const char *family;
static const char *tier;
static long checks, failures;
long total_checks, total_failures;

static bool first_byte_is_guarded;

void guard_first_bytes(void) { first_byte_is_guarded = true; }

void *guarded(size_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t whole = (bytes + page - 1) / page * page;
  char *base = mmap(0, whole + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  block *b = malloc(sizeof *b);
  if (base == MAP_FAILED || !b || mprotect(base, page, PROT_NONE) != 0 || mprotect(base + page + whole, page, PROT_NONE) != 0) {
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    exit(2);
  }
  *b = (block){.next = blocks, .base = base, .size = whole + 2 * page};
  blocks = b;
  return first_byte_is_guarded ? base + page : base + page + whole - bytes;
}

static const char *tier_name(uint32_t isa) {
  switch (isa) {
    case ONYX_ISA_SCALAR: return "scalar";
    case ONYX_ISA_AVX2: return "avx2";
    case ONYX_ISA_AVX512: return "avx512";
    case ONYX_ISA_NEON: return "neon";
    case ONYX_ISA_AVX512_VNNI: return "avx512vnni";
    case ONYX_ISA_AVX512_BF16: return "avx512bf16";
    default: return "another tier";
  }
}

static uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

float *random_floats(int64_t n, uint32_t seed) {
  float *x = guarded((size_t)n * sizeof(float));
  uint32_t state = seed * 2654435761u + 12345;
  for (int64_t i = 0; i < n; i++) x[i] = (float)(int32_t)next_random(&state) * 0x1p-31f;
  return x;
}

float *sweep_floats(int64_t n, uint32_t seed) {
  static const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 0x1p-149f, -0x1p-126f, 0x1.fffffep127f, 0.5f, 1.5f, 2.5f, -0.5f};
  float *x = random_floats(n, seed);
  uint32_t state = seed + 99;
  for (int64_t i = 0; i < n; i++) {
    const uint32_t kind = next_random(&state) % 4;
    if (kind == 0) x[i] = special[next_random(&state) % COUNT(special)];
    else x[i] *= kind == 1 ? 1 : kind == 2 ? 20 : 100;
  }
  return x;
}

void *random_bytes(int64_t n, uint32_t seed) {
  uint8_t *x = guarded((size_t)n);
  uint32_t state = seed * 2654435761u + 777;
  for (int64_t i = 0; i < n; i++) x[i] = (uint8_t)(next_random(&state) >> 11);
  return x;
}

float *filled_floats(int64_t n, float value) {
  float *x = guarded((size_t)n * sizeof(float));
  for (int64_t i = 0; i < n; i++) x[i] = value;
  return x;
}

static void report(const char *format, va_list arguments) {
  if (++failures > 5) return;
  fprintf(stderr, "%s, %s: ", family, tier);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

void check_bits(const void *actual, const void *expected, size_t bytes, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  checks++;
  if (memcmp(actual, expected, bytes) != 0) report(format, arguments);
  va_end(arguments);
}

void check_close(const float *actual, const float *expected, int64_t n, double relative, double absolute,
                 const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  checks++;
  for (int64_t i = 0; i < n; i++) {
    const double a = actual[i], e = expected[i];
    if (isnan(a) && isnan(e)) continue;
    if (a == e || (isfinite(e) && fabs(a - e) <= relative * fabs(e) + absolute)) continue;
    report(format, arguments);
    if (failures <= 5) fprintf(stderr, "  element %lld of %lld is %.9g, expected %.9g\n", (long long)i, (long long)n, a, e);
    break;
  }
  va_end(arguments);
}

void check_equal(const float *actual, const float *expected, int64_t n, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  checks++;
  for (int64_t i = 0; i < n; i++) {
    if (isnan(actual[i]) && isnan(expected[i])) continue;
    if (memcmp(actual + i, expected + i, sizeof(float)) == 0) continue;
    report(format, arguments);
    if (failures <= 5)
      fprintf(stderr, "  element %lld of %lld is %a, expected %a\n", (long long)i, (long long)n, (double)actual[i], (double)expected[i]);
    break;
  }
  va_end(arguments);
}

void begin_row(const char *name, uint32_t isa) {
  family = name;
  tier = tier_name(isa);
  checks = failures = 0;
}

long end_row(void) {
  while (blocks) {
    block *next = blocks->next;
    munmap(blocks->base, blocks->size);
    free(blocks);
    blocks = next;
  }
  // A row without comparisons is a mistake of the check.
  if (checks == 0) {
    fprintf(stderr, "%s, %s: nothing was compared\n", family, tier);
    failures = 1;
  }
  printf("%-14s %-10s %7ld comparisons, %ld failed\n", family, tier, checks, failures);
  total_checks += checks;
  total_failures += failures;
  return failures;
}
