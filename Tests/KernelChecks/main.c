#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern long total_checks, total_failures;

// Each family of kernels has its checks in a file of its name; without them the program does not link.
#define DECLARE(name, tiers) void check_##name(uint32_t mask);
ONYX_FAMILIES(DECLARE)
#define CHECK(name, tiers) check_##name(mask);

// usage: kernel_checks [REQUIRED [front]]    fails unless the host has the tiers of the mask REQUIRED; `front` guards first bytes, not last
int main(int count, char **arguments) {
  const uint32_t mask = onyx_isa_detect();
  const uint32_t required = count > 1 ? (uint32_t)strtoul(arguments[1], 0, 0) : 0;
  if ((mask & required) != required) {
    fprintf(stderr, "the host has the tiers %u; %u are required\n", mask, required);
    return 2;
  }
  if (count > 2 && strcmp(arguments[2], "front") == 0) guard_first_bytes();
  ONYX_FAMILIES(CHECK)
  printf("%ld comparisons, %ld failed\n", total_checks, total_failures);
  return total_failures == 0 ? 0 : 1;
}
