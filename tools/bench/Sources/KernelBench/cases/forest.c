#include <math.h>

#include "../bench.h"

BENCH_ROWS(forest)

// A full tree of eight levels, sixteen samples of 32 features: all of it in the first-level cache.
enum { LEVELS = 8, NODES = (2 << LEVELS) - 1, FEATURES = 32 };

#define WALK(name, form, fill)                                                                            \
  static bench_work name(uint32_t isa, int64_t calls) {                                                   \
    static form nodes[NODES];                                                                             \
    const onyx_forest_row *row = row_of(isa);                                                             \
    if (!row) return (bench_work){0};                                                                     \
    for (uint32_t i = 0; i < NODES; i++) {                                                                \
      const bool is_leaf = 2 * i + 2 >= NODES;                                                            \
      nodes[i].threshold = is_leaf ? NAN : bench_area(1)[i];                                              \
      nodes[i].feature = is_leaf ? 0 : i * 7 % FEATURES;                                                  \
      nodes[i].child = is_leaf ? i : 2 * i + 1;                                                           \
      fill;                                                                                               \
    }                                                                                                     \
    for (int64_t call = 0; call < calls; call++) {                                                        \
      uint32_t place[ONYX_FOREST_LANES] = {0};                                                            \
      row->name(nodes, bench_area(0), place, LEVELS);                                                     \
    }                                                                                                     \
    return (bench_work){.read = ONYX_FOREST_LANES * LEVELS * (sizeof(form) + 4.0), .calls = calls};       \
  }
WALK(samples_branch_f32, onyx_forest_branch_f32, (void)0)
WALK(samples_rule_f32, onyx_forest_rule_f32, nodes[i].taken = is_leaf ? 0 : 5)

static const bench_case cases[] = {
  {"forest", "16 walks of 8 levels", BENCH_L1, samples_branch_f32},
  {"forest", "16 walks of 8 levels by rules", BENCH_L1, samples_rule_f32},
};

bench_family bench_forest(void) { return BENCH_FAMILY(cases); }
