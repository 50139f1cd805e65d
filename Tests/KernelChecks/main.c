#include "check.h"

#include <stdio.h>
#include <stdlib.h>

extern long total_checks, total_failures;

// families.inc lists the families, one FAMILY(name) a line; tools/check_kernels writes it from the public headers.
#undef FAMILY
#define FAMILY(name) void check_##name(uint32_t mask);
#include "families.inc"
#undef FAMILY
#define FAMILY(name) check_##name(mask);

// usage: kernel_checks [REQUIRED]      fails unless the host has the tiers of the mask REQUIRED
int main(int count, char **arguments) {
  const uint32_t mask = onyx_isa_detect();
  const uint32_t required = count > 1 ? (uint32_t)strtoul(arguments[1], 0, 0) : 0;
  if ((mask & required) != required) {
    fprintf(stderr, "the host has the tiers %u; %u are required\n", mask, required);
    return 2;
  }
#include "families.inc"
  printf("%ld comparisons, %ld failed\n", total_checks, total_failures);
  return total_failures == 0 ? 0 : 1;
}
