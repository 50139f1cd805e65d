#pragma once
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

typedef struct {
  pthread_t handle;
} csystem_thread;

// Starts a thread on main(context). Returns 0 or an errno value.
static inline int32_t csystem_thread_start(csystem_thread *_Nonnull thread,
                                           void *_Nullable (*_Nonnull main)(void *_Nullable),
                                           void *_Nullable context) {
  return pthread_create(&thread->handle, 0, main, context);
}

// Waits for the thread to end. Each started thread is joined once.
static inline void csystem_thread_join(csystem_thread thread) { pthread_join(thread.handle, 0); }

static inline void csystem_yield(void) { sched_yield(); }

// Processors this process may run on, at least 1.
static inline int32_t csystem_processor_count(void) {
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
