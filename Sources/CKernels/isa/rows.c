#include "../include/CKernels.h"

#define DECLARE(family, tier) extern const onyx_##family##_row onyx_##family##_##tier;
#define ADDRESS(family, tier) &onyx_##family##_##tier,
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ROWS(family, tiers)                                                        \
  tiers(DECLARE, family)                                                           \
  static const onyx_##family##_row *const family##_rows[] = {tiers(ADDRESS, family)}; \
  const onyx_##family##_row *const *onyx_##family##_rows(size_t *count) {          \
    *count = COUNT(family##_rows);                                                 \
    return family##_rows;                                                          \
  }
ONYX_FAMILIES(ROWS)

#define SCALAR(family, tiers) .family = &onyx_##family##_scalar,
#define SELECT(family, tiers)                          \
  for (size_t i = COUNT(family##_rows); i-- > 0;)      \
    if (family##_rows[i]->isa & mask) selected.family = family##_rows[i];

onyx_kernels onyx_select(uint32_t mask) {
  onyx_kernels selected = {ONYX_FAMILIES(SCALAR)};
  ONYX_FAMILIES(SELECT)
  return selected;
}
