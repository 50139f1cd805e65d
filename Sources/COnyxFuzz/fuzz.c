#include "onyx_fuzz.h"

#include <unistd.h>

#ifdef __linux__
/* Of LLVM's profile runtime and of AddressSanitizer; null where the program was compiled without them. */
extern uint64_t *__llvm_profile_begin_counters(void) __attribute__((weak));
extern uint64_t *__llvm_profile_end_counters(void) __attribute__((weak));
extern void __asan_init(void) __attribute__((weak));

size_t onyx_fuzz_counter_count(void) {
    if (!__llvm_profile_begin_counters || !__llvm_profile_end_counters) return 0;
    return (size_t)(__llvm_profile_end_counters() - __llvm_profile_begin_counters());
}

size_t onyx_fuzz_new_regions(uint8_t *seen) {
    size_t count = onyx_fuzz_counter_count();
    if (count == 0) return 0;
    const volatile uint64_t *counters = __llvm_profile_begin_counters();
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (!seen[i] && counters[i]) {
            seen[i] = 1;
            found++;
        }
    }
    return found;
}

bool onyx_fuzz_has_address_sanitizer(void) { return __asan_init != 0; }
#else
size_t onyx_fuzz_counter_count(void) { return 0; }

size_t onyx_fuzz_new_regions(uint8_t *seen) {
    (void)seen;
    return 0;
}

bool onyx_fuzz_has_address_sanitizer(void) { return false; }
#endif

int onyx_fuzz_fork(void) { return fork(); }
