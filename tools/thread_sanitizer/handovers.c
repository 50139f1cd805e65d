// What the Swift runtime hands from one thread to another without ThreadSanitizer seeing it, because the runtime's libraries are compiled
// without it. `tools/test --sanitize thread` on Linux loads this before them (LD_PRELOAD): each function announces a hand-over and calls
// the original.
//
// A function here adds an order between threads only where the runtime guarantees one, so it silences no race of the program.
// tools/thread_sanitizer/control.swift shows that each is needed and that races beside them are reported.
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Of the sanitizer, in a program that is compiled with it; null in all others.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));
extern void *swift_task_getCurrent(void) __attribute__((weak, swiftcall));

static void acquire(const void *address) {
  if (__tsan_acquire && address) __tsan_acquire((void *)(uintptr_t)address);
}

static void release(const void *address) {
  if (__tsan_release && address) __tsan_release((void *)(uintptr_t)address);
}

static void acquire_task(void) {
  if (swift_task_getCurrent) acquire(swift_task_getCurrent());
}

static void *find(void **kept, const char *name) {
  void *found = __atomic_load_n(kept, __ATOMIC_RELAXED);
  if (found) return found;
  found = dlsym(RTLD_NEXT, name);
  __atomic_store_n(kept, found, __ATOMIC_RELAXED);
  return found;
}

// `next` is the function of that name in the runtime.
#define NEXT(function, name) \
  static void *kept; \
  __typeof__(&function) next = (__typeof__(&function))find(&kept, name)

// ---- Mutex ----
// The compare-and-exchange of a lock that is free, and that of an unlock for which nobody waits, are inlined into the program and seen.
// What comes after them is here: spinning, and futexes, whose word the kernel writes.

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

__attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) void *word) __asm__(LOCK);
__attribute__((swiftcall)) bool try_lock_slow(__attribute__((swift_context)) void *word) __asm__(TRY_LOCK);
__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *word) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) void *word) {
  NEXT(lock_slow, LOCK);
  next(thread, word);
  acquire(word);
}

__attribute__((swiftcall)) bool try_lock_slow(__attribute__((swift_context)) void *word) {
  NEXT(try_lock_slow, TRY_LOCK);
  bool is_locked = next(word);
  if (is_locked) acquire(word);
  return is_locked;
}

__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *word) {
  NEXT(unlock_slow, UNLOCK);
  release(word);
  next(word);
}

// ---- References ----
// Who finds that nobody else holds an object may write to it, after all that others did who dropped it. Who drops it last frees it:
// deinitializers are not checked.

void swift_release(void *object) {
  NEXT(swift_release, "swift_release");
  // Negative where the pointer is one to nothing that is counted.
  if ((intptr_t)object > 0) release(object);
  next(object);
}

bool swift_isUniquelyReferenced_nonNull_native(const void *object) {
  NEXT(swift_isUniquelyReferenced_nonNull_native, "swift_isUniquelyReferenced_nonNull_native");
  bool is_unique = next(object);
  if (is_unique) acquire(object);
  return is_unique;
}

// ---- Continuations ----
// The runtime says itself that a task is resumed, and that a suspended task goes on; not that one goes on which was resumed before it came
// to wait. A resumption between the look here and that of the original, some nanoseconds later, stays unannounced.

typedef struct {
  void *parent, *function;
  uintptr_t flags;
  // 0 at first, 1 when the task waits, 2 when it was resumed.
  uintptr_t state;
} continuation;

__attribute__((swiftasynccall)) void swift_continuation_await(continuation *awaited) {
  NEXT(swift_continuation_await, "swift_continuation_await");
  if (__atomic_load_n(&awaited->state, __ATOMIC_ACQUIRE) == 2) acquire_task();
  __attribute__((musttail)) return next(awaited);
}

// Called where a task that was about to wait finds that it was resumed meanwhile.
void swift_task_enterThreadLocalContext(void *context) {
  NEXT(swift_task_enterThreadLocalContext, "swift_task_enterThreadLocalContext");
  acquire_task();
  next(context);
}
