// What Swift cannot call itself: variadic system calls, CPU hints, thread start. No policy here.
// System headers stay out of this file: under _GNU_SOURCE they differ from those of Swift's Glibc module.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Sleeps while *word == expected. May return early; callers check again.
void csystem_wait(const uint32_t *_Nonnull word, uint32_t expected);

// Wakes up to `count` sleepers on the word.
void csystem_wake(const uint32_t *_Nonnull word, int32_t count);

// Tells the core that this is a spin loop.
static inline void csystem_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

// Monotonic time in nanoseconds.
uint64_t csystem_nanoseconds(void);

typedef struct {
  uint64_t handle;
} csystem_thread;

// Starts a thread on main(context). Returns 0 or an errno value.
int32_t csystem_thread_start(csystem_thread *_Nonnull thread,
                             void *_Nullable (*_Nonnull main)(void *_Nullable),
                             void *_Nullable context);

// Waits for the thread to end. Each started thread is joined once.
void csystem_thread_join(csystem_thread thread);

void csystem_yield(void);

// A number of the calling thread: 1 for the first that asks, then 2, …
int32_t csystem_thread_number(void);

// Processors this process may run on, at least 1.
int32_t csystem_processor_count(void);

// Memory at a multiple of `alignment` (a power of two >= sizeof(void *)), or null. Freed with csystem_free.
void *_Nullable csystem_allocate(size_t bytes, size_t alignment);
void csystem_free(void *_Nullable p);

// Hints over whole pages; failure changes nothing but speed.
// Takes the memory now, many pages in one call, instead of one page fault for each. Returns the processor time that it took, in
// nanoseconds.
uint64_t csystem_advise_populate(void *_Nonnull p, size_t bytes);
// Takes the memory by one access to each page, which changes no byte: other threads can map and unmap memory meanwhile. Returns the same.
uint64_t csystem_touch_pages(void *_Nonnull p, size_t bytes);
// Whether pages of 2 MiB are wanted for memory that has none yet; `p` is a multiple of that.
void csystem_advise_large_pages(void *_Nonnull p, size_t bytes, bool wanted);
void csystem_advise_unneeded(void *_Nonnull p, size_t bytes);

// Opens `path` for reading below the directory, refusing "..", absolute paths and links that leave it. Returns a
// descriptor or -errno; -ENOSYS where the kernel cannot enforce this, so that callers check each component.
int32_t csystem_open_beneath(int32_t directory, const char *_Nonnull path);

// Reads at most `capacity` bytes of a small file. Returns the count or -errno.
int64_t csystem_read_file(const char *_Nonnull path, char *_Nonnull buffer, size_t capacity);

// Runs a program found by PATH: `words` is its name and arguments, ended by null. Its output is put into memory that
// csystem_free frees; its messages are dropped. Returns its exit code, or -errno: -ENOENT when there is no such program,
// -ETIMEDOUT after `seconds` (the program is killed), -EFBIG when it writes more than `limit` bytes.
int32_t csystem_run_program(char *_Nullable const *_Nonnull words, const char *_Nullable input, size_t input_count,
                            int32_t seconds, size_t limit, char *_Nullable *_Nonnull output, size_t *_Nonnull output_count);

// The size in bytes and the time of the last change of the file that this code was loaded from: the program, or a library. False where
// that cannot be told.
bool csystem_image(int64_t *_Nonnull size, int64_t *_Nonnull nanoseconds);

// The limits of a run, as everything that works for it sees them. Read and written through the functions below, by any thread.
typedef struct {
  uint32_t stopped;
  // Of csystem_nanoseconds; 0 for none.
  uint64_t deadline;
  // How often work may still ask after a portion of it; negative for any number.
  int64_t questions;
  // Bytes that one tensor may take.
  int64_t budget;
} csystem_limits;

// The limits that the calling thread works under, or null.
csystem_limits *_Nullable csystem_limits_current(void);
// Lets the calling thread work under others from now on. Returns those before.
csystem_limits *_Nullable csystem_limits_enter(csystem_limits *_Nullable limits);
// Ends the work: from then on `csystem_limits_stopped` is true.
void csystem_limits_stop(csystem_limits *_Nonnull limits);
// Whether work has to end, for good: it was stopped or the deadline has passed. Null has no limits.
bool csystem_limits_stopped(csystem_limits *_Nullable limits);
// The same after a portion of work, of which there may have been too many.
bool csystem_limits_stopped_after_portion(csystem_limits *_Nullable limits);
// Whether `csystem_limits_stopped` was true for anybody. Asks no clock.
bool csystem_limits_have_stopped(const csystem_limits *_Nonnull limits);
