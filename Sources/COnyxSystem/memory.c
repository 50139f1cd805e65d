#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static _Thread_local int64_t allocations_left = -1;

void csystem_fail_allocations(int64_t count) { allocations_left = count; }

void *_Nullable csystem_allocate(size_t bytes, size_t alignment) {
  void *p = 0;
  if (allocations_left >= 0) {
    if (allocations_left == 0) return 0;
    allocations_left--;
  }
  return posix_memalign(&p, alignment, bytes ? bytes : 1) == 0 ? p : 0;
}

void csystem_free(void *_Nullable p) { free(p); }

static uint64_t processor_nanoseconds(void) {
  struct timespec now;
  return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0 ? (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec : 0;
}

uint64_t csystem_advise_populate(void *_Nonnull p, size_t bytes) {
  uint64_t before = processor_nanoseconds();
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uintptr_t first = ((uintptr_t)p + page - 1) / page * page, end = ((uintptr_t)p + bytes) / page * page;
  if (end > first) madvise((void *)first, end - first, MADV_POPULATE_WRITE);
#else
  (void)p;
  (void)bytes;
#endif
  return processor_nanoseconds() - before;
}

uint64_t csystem_touch_pages(void *_Nonnull p, size_t bytes) {
  uint64_t before = processor_nanoseconds();
  // A constant would make the write a read, which takes no memory. No page is smaller than 4 KiB.
  volatile char nothing = 0;
  for (size_t i = 0; i < bytes; i += 4096) __atomic_fetch_or((char *)p + i, nothing, __ATOMIC_RELAXED);
  return processor_nanoseconds() - before;
}

void csystem_advise_large_pages(void *_Nonnull p, size_t bytes, bool wanted) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  madvise(p, bytes, wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#else
  (void)p;
  (void)bytes;
  (void)wanted;
#endif
}

void csystem_advise_unneeded(void *_Nonnull p, size_t bytes) { madvise(p, bytes, MADV_DONTNEED); }
