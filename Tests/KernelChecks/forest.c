#include "check.h"

#include <math.h>
#include <string.h>

enum { FEATURES = 5, TREES = 20, DEPTH = 11, WALKS = ONYX_FOREST_LANES };

// Trees some of whose branches end early: the roots come first, the pairs of children behind them in the order of their parents.
#define CHECK_FORM(form, type, samples, trees, SET)                             \
  static void check_##form(const onyx_forest_row *row, const onyx_forest_row *scalar) {                               \
    const int64_t most = 3000;                                                                                        \
    form *all = guarded((size_t)most * sizeof(form));                                                                 \
    const uint32_t *random = random_bytes(4 * most, 5);                                                               \
    int64_t count = TREES;                                                                                            \
    uint8_t *depth = memset(guarded((size_t)most), 0, (size_t)most);                                                  \
    for (int64_t i = 0; i < count; i++) {                                                                             \
      const int is_leaf = count + 2 > most || depth[i] >= DEPTH || (depth[i] > 0 && random[i] % 8 == 0);              \
      all[i].feature = is_leaf ? 0 : random[i] / 8 % FEATURES;                                                        \
      all[i].child = (uint32_t)(is_leaf ? i : count);                                                                 \
      all[i].threshold = is_leaf ? (type)NAN : (type)((int32_t)random[i] % 9) / 8;                                    \
      SET;                                                                                                            \
      if (is_leaf) continue;                                                                                          \
      depth[count] = depth[count + 1] = depth[i] + 1;                                                                 \
      count += 2;                                                                                                     \
    }                                                                                                                 \
    /* Nodes end at a guard page. */                                                                                  \
    form *nodes = guarded((size_t)count * sizeof(form));                                                              \
    memcpy(nodes, all, (size_t)count * sizeof(form));                                                                 \
    type *x = guarded(FEATURES * WALKS * sizeof(type));                                                               \
    for (int64_t round = 0; round < 12; round++) {                                                                    \
      const float *values = round % 3 == 2 ? sweep_floats(FEATURES * WALKS, (uint32_t)round)                          \
                                           : random_floats(FEATURES * WALKS, (uint32_t)round);                        \
      for (int i = 0; i < FEATURES * WALKS; i++)                                                                      \
        x[i] = round % 3 == 1 ? (type)rintf(values[i] * 8) / 8 : (type)values[i];                                     \
      const int64_t levels = round < 6 ? DEPTH : INT64_MAX - round;                                                   \
      uint32_t *y = guarded(WALKS * sizeof *y), *e = guarded(WALKS * sizeof *e);                                      \
      for (int i = 0; i < WALKS; i++) y[i] = e[i] = (uint32_t)(round % TREES);                                        \
      row->samples(nodes, x, y, levels), scalar->samples(nodes, x, e, levels);                             \
      check_bits(y, e, WALKS * sizeof *y, #samples " %lld", (long long)round);                                    \
      for (int i = 0; i < WALKS; i++) {                                                                               \
        uint32_t at = (uint32_t)(round % TREES);                                                                      \
        while (nodes[at].child != at) at = nodes[at].child + takes_##form(nodes + at, x[nodes[at].feature * WALKS + i]); \
        e[i] = at;                                                                                                    \
      }                                                                                                               \
      check_bits(y, e, WALKS * sizeof *y, "walks of " #samples " %lld", (long long)round);                        \
      const type *sample = x + FEATURES * (WALKS - 1);                                                                \
      for (int i = 0; i < WALKS; i++) y[i] = e[i] = (uint32_t)((round + i) % TREES);                                  \
      row->trees(nodes, sample, y, levels);                                                                       \
      for (int i = 0; i < WALKS; i++) {                                                                               \
        uint32_t at = e[i];                                                                                           \
        while (nodes[at].child != at) at = nodes[at].child + takes_##form(nodes + at, sample[nodes[at].feature]);     \
        e[i] = at;                                                                                                    \
      }                                                                                                               \
      check_bits(y, e, WALKS * sizeof *y, #trees " %lld", (long long)round);                                      \
    }                                                                                                                 \
  }

#define TAKES_BRANCH(form, type) \
  static uint32_t takes_##form(const form *node, type x) { return x <= node->threshold; }
#define TAKES_RULE(form, type)                                                       \
  static uint32_t takes_##form(const form *node, type x) {                           \
    if (isnan(x) || isnan(node->threshold)) return node->taken >> 3 & 1;             \
    return node->taken >> (x > node->threshold ? 1 : x < node->threshold ? 2 : 0) & 1; \
  }
TAKES_BRANCH(onyx_forest_branch_f32, float)
TAKES_BRANCH(onyx_forest_branch_f64, double)
TAKES_RULE(onyx_forest_rule_f32, float)
TAKES_RULE(onyx_forest_rule_f64, double)

#define NO_RULE (void)0
#define RULE all[i].taken = is_leaf ? 0 : random[i] >> 16 & 15
#define CHECK(kind, bits, type, SET)                                                                            \
  CHECK_FORM(onyx_forest_##kind##_##bits, type, samples_##kind##_##bits, trees_##kind##_##bits, SET)
CHECK(branch, f32, float, NO_RULE)
CHECK(branch, f64, double, NO_RULE)
CHECK(rule, f32, float, RULE)
CHECK(rule, f64, double, RULE)

FAMILY(forest) {
  check_onyx_forest_branch_f32(row, scalar);
  check_onyx_forest_branch_f64(row, scalar);
  check_onyx_forest_rule_f32(row, scalar);
  check_onyx_forest_rule_f64(row, scalar);
}
