#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/CSystem.h"

#include <stdlib.h>
#include <sys/mman.h>

void *_Nullable csystem_allocate(size_t bytes, size_t alignment) {
  void *p = 0;
  return posix_memalign(&p, alignment, bytes ? bytes : 1) == 0 ? p : 0;
}

void csystem_free(void *_Nullable p) { free(p); }

void csystem_advise_huge(void *_Nonnull p, size_t bytes) {
#if defined(__linux__)
  madvise(p, bytes, MADV_HUGEPAGE);
#else
  (void)p;
  (void)bytes;
#endif
}

void csystem_advise_sequential(void *_Nonnull p, size_t bytes) {
  madvise(p, bytes, MADV_SEQUENTIAL);
}

void csystem_advise_will_need(void *_Nonnull p, size_t bytes) { madvise(p, bytes, MADV_WILLNEED); }

void csystem_advise_unneeded(void *_Nonnull p, size_t bytes) { madvise(p, bytes, MADV_DONTNEED); }
