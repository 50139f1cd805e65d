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

// Makes the calling thread take denormal numbers for zero, as operands and as results. Returns what csystem_restore_denormals takes.
uint64_t csystem_flush_denormals(void);
void csystem_restore_denormals(uint64_t before);

// Processors this process may run on, at least 1.
int32_t csystem_processor_count(void);

// For tests: `count` more allocations of the calling thread succeed, and all later ones fail, until it is called with -1.
void csystem_fail_allocations(int64_t count);

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

// ---- Mapped files ----

// A file in memory whose pages may go when another program cuts it short.
typedef struct csystem_mapping csystem_mapping;

// From now on, reading what the file has no more of gives zeros and marks the mapping, in place of SIGBUS. The first call installs a
// handler, which hands every other SIGBUS to the one that was there. Null where there is no memory.
csystem_mapping *_Nullable csystem_guard_mapping(const void *_Nonnull start, size_t bytes);

// Before the memory is unmapped, when nobody reads it any more.
void csystem_release_mapping(csystem_mapping *_Nonnull mapping);

// Whether zeros were read in place of the file.
bool csystem_mapping_is_broken(const csystem_mapping *_Nonnull mapping);

// Whether any guarded mapping of the process is broken: one atomic read.
bool csystem_has_broken_mapping(void);

// ---- Files ----

// Opens `path` for reading below the directory, refusing "..", absolute paths and links that leave it. Returns a
// descriptor or -errno; -ENOSYS where the kernel cannot enforce this, so that callers check each component.
int32_t csystem_open_beneath(int32_t directory, const char *_Nonnull path);

// Reads at most `capacity` bytes of a small file. Returns the count or -errno.
int64_t csystem_read_file(const char *_Nonnull path, char *_Nonnull buffer, size_t capacity);

// ---- For programs, not for the library ----

// Puts something in the place of standard streams that are closed, so that no file that is opened later takes their numbers. Reading or
// writing it is an error.
void csystem_open_standard_streams(void);

// From now on SIGINT, SIGTERM and SIGHUP remove the temporary files that are noted before they end the program, unless they are ignored or
// handled; a file that grows past the limit of the process is an error of its write.
void csystem_handle_ending_signals(void);

// Notes a file that is to be removed so. Returns a number to forget it by, -1 when it could not be noted.
int32_t csystem_note_temporary(const char *_Nonnull path);
void csystem_forget_temporary(int32_t number);

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
