/*
 * Takes the place of Swift's function for the names of characters ("LATIN SMALL LETTER A"), which Onyx never asks for: without it the
 * linker leaves the table of all names out.
 */
#include <stdint.h>

intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, intptr_t capacity) {
  (void)scalar, (void)buffer, (void)capacity;
  return 0;
}
