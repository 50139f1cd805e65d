#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// A mapping that somebody else may cut short. `start` is 0 where the slot is free; it is written last and cleared first, so that who finds
// an address between `start` and `start + bytes` has both of one mapping. Nobody can fault in a mapping that is being closed.
struct csystem_mapping {
  _Atomic uintptr_t start;
  _Atomic size_t bytes;
  _Atomic int is_taken;
  _Atomic int is_broken;
};

enum { chunk_slots = 256 };

// Chunks are never freed: the handler walks them without a lock.
typedef struct chunk {
  struct csystem_mapping slots[chunk_slots];
  struct chunk *_Atomic next;
} chunk;

static chunk first_chunk;
static _Atomic int64_t broken_count;
static _Atomic uintptr_t page_size;
static struct sigaction earlier;

static struct csystem_mapping *find(uintptr_t address) {
  for (chunk *c = &first_chunk; c; c = atomic_load_explicit(&c->next, memory_order_acquire)) {
    for (int i = 0; i < chunk_slots; i++) {
      struct csystem_mapping *slot = &c->slots[i];
      uintptr_t start = atomic_load_explicit(&slot->start, memory_order_acquire);
      size_t bytes = atomic_load_explicit(&slot->bytes, memory_order_acquire);
      if (start && address >= start && address - start < bytes && atomic_load_explicit(&slot->start, memory_order_acquire) == start)
        return slot;
    }
  }
  return 0;
}

static void mark(struct csystem_mapping *slot) {
  if (!atomic_exchange_explicit(&slot->is_broken, 1, memory_order_acq_rel))
    atomic_fetch_add_explicit(&broken_count, 1, memory_order_acq_rel);
}

// Zeros from the page of `address` to the end of the mapping. mmap is one system call, which a handler may make.
static int cover(struct csystem_mapping *slot, uintptr_t address) {
  uintptr_t page = atomic_load_explicit(&page_size, memory_order_relaxed);
  uintptr_t start = atomic_load_explicit(&slot->start, memory_order_acquire);
  uintptr_t end = (start + atomic_load_explicit(&slot->bytes, memory_order_acquire) + page - 1) / page * page;
  uintptr_t from = address / page * page;
  void *got = mmap((void *)from, end - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (got == MAP_FAILED) return 0;
  mark(slot);
  return 1;
}

// Whether the last byte of some mapping cannot be read: a handler that was installed later than ours and passes a fault on by raise()
// leaves no address, but returning to the instruction brings the fault to us.
static int has_cut_mapping(void) {
#if defined(__linux__) && defined(MADV_POPULATE_READ)
  uintptr_t page = atomic_load_explicit(&page_size, memory_order_relaxed);
  for (chunk *c = &first_chunk; c; c = atomic_load_explicit(&c->next, memory_order_acquire)) {
    for (int i = 0; i < chunk_slots; i++) {
      uintptr_t start = atomic_load_explicit(&c->slots[i].start, memory_order_acquire);
      size_t bytes = atomic_load_explicit(&c->slots[i].bytes, memory_order_acquire);
      if (!start || !bytes) continue;
      if (madvise((void *)((start + bytes - 1) / page * page), page, MADV_POPULATE_READ) != 0 && errno == EFAULT) return 1;
    }
  }
#endif
  return 0;
}

// Gives what is not ours to whoever handled it before, or lets the signal do what it does by default.
static void pass_on(int number, siginfo_t *info, void *context) {
  if (earlier.sa_flags & SA_SIGINFO) {
    earlier.sa_sigaction(number, info, context);
    return;
  }
  if (earlier.sa_handler == SIG_IGN && info->si_code <= 0) return;
  if (earlier.sa_handler != SIG_IGN && earlier.sa_handler != SIG_DFL) {
    earlier.sa_handler(number);
    return;
  }
  struct sigaction fallback = {.sa_handler = SIG_DFL};
  sigemptyset(&fallback.sa_mask);
  sigaction(number, &fallback, 0);
  // A fault comes again when the instruction does; what was sent has to be sent again, and arrives when this returns.
  if (info->si_code <= 0) raise(number);
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
  int saved = errno;
  if (info->si_code > 0) {
    struct csystem_mapping *slot = find((uintptr_t)info->si_addr);
    if (slot && cover(slot, (uintptr_t)info->si_addr)) {
      errno = saved;
      return;
    }
  } else if (info->si_pid == getpid() && has_cut_mapping()) {
    errno = saved;
    return;
  }
  pass_on(number, info, context);
  errno = saved;
}

static void install(void) {
  atomic_store_explicit(&page_size, (uintptr_t)sysconf(_SC_PAGESIZE), memory_order_relaxed);
  sigaction(SIGBUS, 0, &earlier);
  struct sigaction ours = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  ours.sa_mask = earlier.sa_mask;
  // An earlier handler may raise the signal again, and expects it to come at once.
  ours.sa_flags |= earlier.sa_flags & SA_NODEFER;
  sigaction(SIGBUS, &ours, 0);
}

static struct csystem_mapping *take_slot(void) {
  chunk *c = &first_chunk;
  for (;;) {
    for (int i = 0; i < chunk_slots; i++) {
      int expected = 0;
      if (atomic_compare_exchange_strong(&c->slots[i].is_taken, &expected, 1)) return &c->slots[i];
    }
    chunk *next = atomic_load_explicit(&c->next, memory_order_acquire);
    if (!next) {
      chunk *made = calloc(1, sizeof *made);
      if (!made) return 0;
      if (atomic_compare_exchange_strong(&c->next, &next, made)) {
        next = made;
      } else {
        free(made);
      }
    }
    c = next;
  }
}

csystem_mapping *_Nullable csystem_guard_mapping(const void *_Nonnull start, size_t bytes) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  struct csystem_mapping *slot = take_slot();
  if (!slot) return 0;
  atomic_store_explicit(&slot->is_broken, 0, memory_order_relaxed);
  atomic_store_explicit(&slot->bytes, bytes, memory_order_release);
  atomic_store_explicit(&slot->start, (uintptr_t)start, memory_order_release);
  return slot;
}

void csystem_release_mapping(csystem_mapping *_Nonnull mapping) {
  if (atomic_load_explicit(&mapping->is_broken, memory_order_acquire))
    atomic_fetch_sub_explicit(&broken_count, 1, memory_order_acq_rel);
  atomic_store_explicit(&mapping->start, 0, memory_order_release);
  atomic_store_explicit(&mapping->is_taken, 0, memory_order_release);
}

bool csystem_mapping_is_broken(const csystem_mapping *_Nonnull mapping) {
  return atomic_load_explicit(&mapping->is_broken, memory_order_acquire) != 0;
}

bool csystem_has_broken_mapping(void) { return atomic_load_explicit(&broken_count, memory_order_acquire) != 0; }
