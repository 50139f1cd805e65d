#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/CSystem.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *_Nullable csystem_allocate(size_t bytes, size_t alignment) {
  void *p = 0;
  return posix_memalign(&p, alignment, bytes ? bytes : 1) == 0 ? p : 0;
}

void csystem_free(void *_Nullable p) { free(p); }

void csystem_advise_populate(void *_Nonnull p, size_t bytes) {
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uintptr_t first = ((uintptr_t)p + page - 1) / page * page, end = ((uintptr_t)p + bytes) / page * page;
  if (end > first) madvise((void *)first, end - first, MADV_POPULATE_WRITE);
#else
  (void)p;
  (void)bytes;
#endif
}

void csystem_advise_unneeded(void *_Nonnull p, size_t bytes) { madvise(p, bytes, MADV_DONTNEED); }
