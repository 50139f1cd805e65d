#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <time.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <pthread.h>
#endif

#if defined(__linux__)

void csystem_wait(const uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, (void *)0, (void *)0, 0);
}

void csystem_wake(const uint32_t *word, int32_t count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, (void *)0, (void *)0, 0);
}

#else

// One lock and condition for all words: a waker passes through the lock, so no wake-up falls between a waiter's
// check and its sleep.
static pthread_mutex_t wait_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wait_condition = PTHREAD_COND_INITIALIZER;

void csystem_wait(const uint32_t *word, uint32_t expected) {
  pthread_mutex_lock(&wait_lock);
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == expected)
    pthread_cond_wait(&wait_condition, &wait_lock);
  pthread_mutex_unlock(&wait_lock);
}

void csystem_wake(const uint32_t *word, int32_t count) {
  (void)word;
  (void)count;
  pthread_mutex_lock(&wait_lock);
  pthread_cond_broadcast(&wait_condition);
  pthread_mutex_unlock(&wait_lock);
}

#endif

uint64_t csystem_nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
