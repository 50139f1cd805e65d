#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "a thread handle fits");

int32_t csystem_thread_start(csystem_thread *_Nonnull thread,
                                           void *_Nullable (*_Nonnull main)(void *_Nullable),
                                           void *_Nullable context) {
  return pthread_create((pthread_t *)(void *)&thread->handle, 0, main, context);
}

void csystem_thread_join(csystem_thread thread) {
  pthread_t handle;
  memcpy(&handle, &thread.handle, sizeof handle);
  pthread_join(handle, 0);
}

void csystem_yield(void) { sched_yield(); }

int32_t csystem_processor_count(void) {
#if defined(__linux__)
  // A fixed set covers 8192 processors; a larger machine falls through to the online count.
  unsigned long set[128] = {0};
  if (sched_getaffinity(0, sizeof set, (cpu_set_t *)(void *)set) == 0) {
    int32_t count = 0;
    for (int i = 0; i < 128; i++) count += __builtin_popcountl(set[i]);
    if (count > 0) return count;
  }
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int32_t)online : 1;
}

int32_t csystem_thread_number(void) {
  static _Atomic int32_t last = 0;
  static _Thread_local int32_t own = 0;
  if (!own) own = ++last;
  return own;
}
