// kernel-bench: the share of the machine's peak that each C kernel reaches, and the peaks themselves.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define FAMILY(family, tiers) bench_##family,
static bench_family (*const bench_families[])(void) = {ONYX_FAMILIES(FAMILY)};

static const struct {
  const char *name;
  uint32_t isa, peaks;  // the tier whose peaks count; an extension has its tier's
} tiers[] = {
  {"scalar", ONYX_ISA_SCALAR, ONYX_ISA_SCALAR},        {"neon", ONYX_ISA_NEON, ONYX_ISA_NEON},
  {"avx2", ONYX_ISA_AVX2, ONYX_ISA_AVX2},              {"avx512", ONYX_ISA_AVX512, ONYX_ISA_AVX512},
  {"vnni", ONYX_ISA_AVX512_VNNI, ONYX_ISA_AVX512}, {"bf16", ONYX_ISA_AVX512_BF16, ONYX_ISA_AVX512},
};
enum { TIER_COUNT = sizeof tiers / sizeof tiers[0] };

static const char *const limit_names[] = {"fma", "bf16", "int8", "l1", "l2", "dram"};
static const int limit_levels[] = {0, 0, 0, 0, 1, 3};  // places in bench_peaks

static const char usage[] =
  "usage: kernel-bench [--isa NAME] [--only TEXT] [--machine | --placement] [--json]\n\n"
  "Prints, for each kernel, GFLOP/s, GB/s and its share of what limits it: the peak of multiply-adds or the bandwidth of the\n"
  "level of memory that holds its data, measured by the same program. One thread; processor time, best of 7 samples.\n\n"
  "  --isa NAME    only this tier: scalar, neon, avx2 or avx512, or its extension vnni or bf16\n"
  "  --only TEXT   only kernels whose family or name holds TEXT\n"
  "  --machine     only the peaks of the machine\n"
  "  --placement   only where two threads are, as JSON: how many cores they have, and the nanoseconds for a cache line to the\n"
  "                other one and back\n"
  "  --json        one JSON document\n";

typedef struct {
  const char *isa, *only;
  bool machine, placement, json;
} options;

static options parse(int count, char **arguments) {
  options result = {0};
  for (int i = 1; i < count; i++) {
    const bool has_value = i + 1 < count;
    if (!strcmp(arguments[i], "--isa") && has_value) result.isa = arguments[++i];
    else if (!strcmp(arguments[i], "--only") && has_value) result.only = arguments[++i];
    else if (!strcmp(arguments[i], "--machine")) result.machine = true;
    else if (!strcmp(arguments[i], "--placement")) result.placement = true;
    else if (!strcmp(arguments[i], "--json")) result.json = true;
    else {
      const bool asked = !strcmp(arguments[i], "--help");
      fputs(usage, asked ? stdout : stderr);
      exit(asked ? 0 : 64);
    }
  }
  return result;
}

static void print_peaks(const char *isa, const bench_peaks *p, bool json, bool first) {
  if (json) {
    printf("%s\n  {\"isa\": \"%s\", \"gflops\": %.1f, \"gflops_2\": %.1f, \"dram_read_gbs_2\": %.1f", first ? "" : ",", isa, p->gigaflops,
           p->gigaflops_two_threads, p->read_two_threads);
    const char *levels[] = {"l1", "l2", "l3", "dram"};
    for (int i = 0; i < 4; i++) printf(", \"%s_read_gbs\": %.1f, \"%s_copy_gbs\": %.1f", levels[i], p->read[i], levels[i], p->copy[i]);
    fputs("}", stdout);
  } else {
    printf("%-7s FMA %.1f GFLOP/s (two threads %.1f); reads L1 %.0f, L2 %.0f, L3 %.0f, DRAM %.1f (two threads %.1f) GB/s; copies %.0f, %.0f, %.0f, %.1f GB/s\n",
           isa, p->gigaflops, p->gigaflops_two_threads, p->read[0], p->read[1], p->read[2], p->read[3], p->read_two_threads, p->copy[0],
           p->copy[1], p->copy[2], p->copy[3]);
  }
}

// The share of the limit: against reading when nothing is written, else against copying.
static double share(const bench_case *c, const bench_work *work, double seconds, const bench_peaks *peaks) {
  if (c->limit == BENCH_FMA) return work->flops / seconds / 1e9 / peaks->gigaflops;
  if (c->limit == BENCH_HALVES) return work->flops / seconds / 1e9 / peaks->gigaflops / 2;
  if (c->limit == BENCH_BYTES) return work->flops / seconds / 1e9 / peaks->gigaflops / 4;
  const int level = limit_levels[c->limit];
  return (work->read + work->written) / seconds / 1e9 / (work->written > 0 ? peaks->copy[level] : peaks->read[level]);
}

static bool run_case(const bench_case *c, const char *isa_name, uint32_t isa, const bench_peaks *peaks, bool json, bool first) {
  bench_work work;
  const double seconds = bench_time(c->body, isa, &work);
  if (work.calls == 0) return false;
  const double gflops = work.flops / seconds / 1e9, gbs = (work.read + work.written) / seconds / 1e9;
  const double part = share(c, &work, seconds, peaks);
  if (json) {
    printf("%s\n  {\"isa\": \"%s\", \"family\": \"%s\", \"name\": \"%s\", \"ns\": %.1f, \"gflops\": %.2f, \"gbs\": %.2f, \"limit\": \"%s\", \"share\": %.4f}",
           first ? "" : ",", isa_name, c->family, c->name, seconds * 1e9, gflops, gbs, limit_names[c->limit], part);
  } else {
    printf("%-7s %-12s %-28s %12.1f ns ", isa_name, c->family, c->name, seconds * 1e9);
    if (gflops > 0) printf("%7.1f GFLOP/s ", gflops);
    else printf("%16s ", "");
    if (gbs > 0) printf("%7.1f GB/s ", gbs);
    else printf("%13s", "");
    printf("%6.1f %% of %s\n", 100 * part, limit_names[c->limit]);
  }
  return true;
}

static void run_tier(const options *options, int tier, const bench_peaks *peaks, bool *first) {
  for (size_t f = 0; f < sizeof bench_families / sizeof bench_families[0]; f++) {
    const bench_family family = bench_families[f]();
    for (size_t i = 0; i < family.count; i++) {
      const bench_case *c = &family.cases[i];
      if (options->only && !strstr(c->family, options->only) && !strstr(c->name, options->only)) continue;
      if (run_case(c, tiers[tier].name, tiers[tier].isa, peaks, options->json, *first)) *first = false;
    }
  }
}

int main(int count, char **arguments) {
  const options options = parse(count, arguments);
  const uint32_t host = onyx_isa_detect();
  if (options.placement) {
    const uint32_t best = host & ONYX_ISA_AVX512 ? ONYX_ISA_AVX512 : host & ONYX_ISA_AVX2 ? ONYX_ISA_AVX2
                          : host & ONYX_ISA_NEON ? ONYX_ISA_NEON : ONYX_ISA_SCALAR;
    printf("{\"round_trip_ns\": %.0f, \"cores\": %.2f}\n", bench_round_trip(), bench_cores(best));
    return 0;
  }
  bench_peaks peaks[TIER_COUNT] = {0};
  bool chosen[TIER_COUNT] = {0}, any = false, first = true;
  for (int i = 0; i < TIER_COUNT; i++) {
    chosen[i] = (host & tiers[i].isa) && (!options.isa || !strcmp(options.isa, tiers[i].name));
    any = any || chosen[i];
  }
  if (!any) {
    fprintf(stderr, "kernel-bench: this machine has no tier '%s'\n", options.isa);
    return 64;
  }
  (void)bench_area(0);  // fills the areas before anything is measured
  const double round_trip = bench_round_trip();
  if (options.json) printf("{\"round_trip_ns\": %.0f, \"peaks\": [", round_trip);
  for (int i = 0; i < TIER_COUNT; i++) {
    if (!chosen[i]) continue;
    peaks[i] = bench_measure_peaks(tiers[i].peaks, true);
    if (tiers[i].peaks != tiers[i].isa) continue;
    print_peaks(tiers[i].name, &peaks[i], options.json, first);
    first = false;
  }
  if (options.json) fputs("],\n \"kernels\": [", stdout);
  else printf("a cache line to another core and back: %.0f ns\n\n", round_trip);
  first = true;
  for (int i = 0; i < TIER_COUNT && !options.machine; i++) {
    if (chosen[i]) run_tier(&options, i, &peaks[i], &first);
  }
  if (options.json) puts("]}");
  return 0;
}
