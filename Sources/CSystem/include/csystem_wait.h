#pragma once
#include <stdint.h>
#include <time.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <pthread.h>
#endif

#if defined(__linux__)

// Sleeps while *word == expected. May return early; callers check again.
static inline void csystem_wait(const uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, (void *)0, (void *)0, 0);
}

// Wakes up to `count` sleepers on the word.
static inline void csystem_wake(const uint32_t *word, int32_t count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, (void *)0, (void *)0, 0);
}

#else

// One lock and condition for all words: a waker passes through the lock, so no wake-up falls between a waiter's
// check and its sleep.
extern pthread_mutex_t csystem_wait_lock;
extern pthread_cond_t csystem_wait_condition;

static inline void csystem_wait(const uint32_t *word, uint32_t expected) {
  pthread_mutex_lock(&csystem_wait_lock);
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == expected)
    pthread_cond_wait(&csystem_wait_condition, &csystem_wait_lock);
  pthread_mutex_unlock(&csystem_wait_lock);
}

static inline void csystem_wake(const uint32_t *word, int32_t count) {
  (void)word;
  (void)count;
  pthread_mutex_lock(&csystem_wait_lock);
  pthread_cond_broadcast(&csystem_wait_condition);
  pthread_mutex_unlock(&csystem_wait_lock);
}

#endif

// Tells the core that this is a spin loop.
static inline void csystem_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

// Monotonic time in nanoseconds.
static inline uint64_t csystem_nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
