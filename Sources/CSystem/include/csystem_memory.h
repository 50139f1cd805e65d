#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

// Memory at a multiple of `alignment` (a power of two >= sizeof(void *)), or null. Freed with csystem_free.
static inline void *_Nullable csystem_allocate(size_t bytes, size_t alignment) {
  void *p = 0;
  return posix_memalign(&p, alignment, bytes ? bytes : 1) == 0 ? p : 0;
}

static inline void csystem_free(void *_Nullable p) { free(p); }

// Hints; failure changes nothing but speed. The range is rounded inwards to whole pages by the caller.
static inline void csystem_advise_huge(void *_Nonnull p, size_t bytes) {
#if defined(__linux__)
  madvise(p, bytes, MADV_HUGEPAGE);
#else
  (void)p;
  (void)bytes;
#endif
}

static inline void csystem_advise_sequential(void *_Nonnull p, size_t bytes) {
  madvise(p, bytes, MADV_SEQUENTIAL);
}

static inline void csystem_advise_will_need(void *_Nonnull p, size_t bytes) { madvise(p, bytes, MADV_WILLNEED); }

static inline void csystem_advise_unneeded(void *_Nonnull p, size_t bytes) { madvise(p, bytes, MADV_DONTNEED); }
