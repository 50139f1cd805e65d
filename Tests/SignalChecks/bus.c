// A program that handles SIGBUS itself, and the handler of COnyxSystem that comes with the first mapping: each gets its own faults.
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "COnyxSystem.h"

static sigjmp_buf back;
static volatile sig_atomic_t plain_calls, detailed_calls;
static void *volatile fault_address;

static void plain(int number) {
  (void)number;
  plain_calls++;
  siglongjmp(back, 1);
}

static void detailed(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  detailed_calls++;
  fault_address = info->si_addr;
  siglongjmp(back, 1);
}

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      fprintf(stderr, "bus.c:%d: %s does not hold\n", __LINE__, #condition); \
      exit(1);                                                            \
    }                                                                     \
  } while (0)

// Two mapped pages of a file, which is then cut to none.
static volatile char *cut_mapping(size_t page, int is_guarded, csystem_mapping **guard) {
  char path[] = "/tmp/onyx-bus-XXXXXX";
  int file = mkstemp(path);
  CHECK(file >= 0 && ftruncate(file, (off_t)(2 * page)) == 0);
  char *start = mmap(0, 2 * page, PROT_READ, MAP_PRIVATE, file, 0);
  CHECK(start != MAP_FAILED);
  unlink(path);
  if (is_guarded) CHECK((*guard = csystem_guard_mapping(start, 2 * page)) != 0);
  CHECK(ftruncate(file, 0) == 0);
  close(file);
  return start;
}

// In a process of its own, since the handler that is there with the first mapping is the one that is kept.
static void check(int is_detailed, int is_default) {
  fflush(0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child > 0) {
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(is_default ? WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS : WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return;
  }
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  struct sigaction own = {.sa_flags = is_detailed ? SA_SIGINFO : 0};
  if (is_detailed) {
    own.sa_sigaction = detailed;
  } else {
    own.sa_handler = plain;
  }
  sigemptyset(&own.sa_mask);
  if (!is_default) CHECK(sigaction(SIGBUS, &own, 0) == 0);
  csystem_mapping *guard = 0;
  volatile char *ours = cut_mapping(page, 1, &guard);
  volatile char *theirs = cut_mapping(page, 0, 0);
  // What is guarded reads as zeros, and nobody hears of it.
  CHECK(ours[0] == 0 && ours[page] == 0);
  CHECK(plain_calls == 0 && detailed_calls == 0);
  for (int round = 1; round <= 2; round++) {
    if (sigsetjmp(back, 1) == 0) {
      (void)theirs[page];
      CHECK(!"a read of what is not there returned");
    }
    CHECK(plain_calls == (is_detailed ? 0 : round) && detailed_calls == (is_detailed ? round : 0));
    CHECK(!is_detailed || fault_address == (void *)(theirs + page));
  }
  // The same of a signal that is sent.
  if (sigsetjmp(back, 1) == 0) raise(SIGBUS);
  CHECK(plain_calls + detailed_calls == 3);
  exit(0);
}

int main(void) {
  check(0, 0);
  check(1, 0);
  check(0, 1);
  puts("faults of files: each handler gets its own");
  return 0;
}
