#ifndef ONYX_FUZZ_H
#define ONYX_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counters of regions of code in this program; 0 unless it was compiled with coverage. */
size_t onyx_fuzz_counter_count(void);

/*
 * Marks in `seen`, one byte for each counter, those regions that have run and were not marked, and returns their number. Other threads may
 * count meanwhile; what is missed is found by the next call.
 */
size_t onyx_fuzz_new_regions(uint8_t *seen);

/* Whether the program was compiled with AddressSanitizer. */
bool onyx_fuzz_has_address_sanitizer(void);

/* Calls fork(2), which Swift does not let a program call: for measuring what a child can do. */
int onyx_fuzz_fork(void);

#endif
