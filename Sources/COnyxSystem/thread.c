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

// x86: bit 15 flushes results to zero, bit 6 takes operands for zero. AArch64: bit 24 does both, bit 19 for 16-bit numbers.
#if defined(__x86_64__)

static const uint32_t flushing = 0x8040;

uint64_t csystem_flush_denormals(void) {
  uint32_t before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | flushing);
  return before;
}

void csystem_restore_denormals(uint64_t before) {
  __builtin_ia32_ldmxcsr((__builtin_ia32_stmxcsr() & ~flushing) | ((uint32_t)before & flushing));
}

#elif defined(__aarch64__)

static const uint64_t flushing = (uint64_t)1 << 24 | (uint64_t)1 << 19;

uint64_t csystem_flush_denormals(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" ::"r"(before | flushing));
  return before;
}

void csystem_restore_denormals(uint64_t before) {
  uint64_t now;
  __asm__ volatile("mrs %0, fpcr" : "=r"(now));
  __asm__ volatile("msr fpcr, %0" ::"r"((now & ~flushing) | (before & flushing)));
}

#else

uint64_t csystem_flush_denormals(void) { return 0; }
void csystem_restore_denormals(uint64_t before) { (void)before; }

#endif

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
