#pragma once
#include <stddef.h>
#include <stdint.h>

// The nodes of decision trees. A node leads to the node `child` or, when its comparison holds, to `child + 1`; a leaf leads to itself.
// `feature` tells which number is compared with `threshold`.

// The comparison x <= threshold, which NaN fails. A leaf has a NaN as threshold.
typedef struct {
  float threshold;
  uint32_t feature, child;
} onyx_forest_branch_f32;
typedef struct {
  double threshold;
  uint32_t feature, child;
} onyx_forest_branch_f64;

// Any comparison: bit 0 of `taken` says what x == threshold does, bit 1 x > threshold, bit 2 x < threshold, bit 3 NaN in either. A leaf
// has no bits.
typedef struct {
  float threshold;
  uint32_t feature, child, taken;
} onyx_forest_rule_f32;
typedef struct {
  double threshold;
  uint32_t feature, child, taken;
} onyx_forest_rule_f64;

enum { ONYX_FOREST_LANES = 16 };

typedef struct {
  uint32_t isa;

  // Each walks ONYX_FOREST_LANES times from node place[i] down, and leaves in place[i] the leaf that it reached; `levels` is the largest
  // number of steps that any of the walks takes. Samples: walk i is that of sample i, whose feature f is x[f * ONYX_FOREST_LANES + i].
  // Trees: all walks are of one sample, whose feature f is x[f].
  void (*samples_branch_f32)(const onyx_forest_branch_f32 *nodes, const float *x, uint32_t *place, int64_t levels);
  void (*samples_branch_f64)(const onyx_forest_branch_f64 *nodes, const double *x, uint32_t *place, int64_t levels);
  void (*samples_rule_f32)(const onyx_forest_rule_f32 *nodes, const float *x, uint32_t *place, int64_t levels);
  void (*samples_rule_f64)(const onyx_forest_rule_f64 *nodes, const double *x, uint32_t *place, int64_t levels);
  void (*trees_branch_f32)(const onyx_forest_branch_f32 *nodes, const float *x, uint32_t *place, int64_t levels);
  void (*trees_branch_f64)(const onyx_forest_branch_f64 *nodes, const double *x, uint32_t *place, int64_t levels);
  void (*trees_rule_f32)(const onyx_forest_rule_f32 *nodes, const float *x, uint32_t *place, int64_t levels);
  void (*trees_rule_f64)(const onyx_forest_rule_f64 *nodes, const double *x, uint32_t *place, int64_t levels);
} onyx_forest_row;
