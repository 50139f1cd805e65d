#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

void csystem_open_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is this one. The wrong direction makes every use an error, as on a closed stream.
    int opened = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    if (opened > fd) close(opened);
  }
}

// Paths that a signal handler removes. A path is written before its slot is `in_use`, and stays until the slot is free.
enum { slot_count = 32, longest_path = 4096 };
enum { is_free, is_taken, in_use };

static struct {
  _Atomic int state;
  char path[longest_path];
} temporaries[slot_count];

int32_t csystem_note_temporary(const char *_Nonnull path) {
  size_t length = strlen(path);
  if (length >= longest_path) return -1;
  for (int32_t i = 0; i < slot_count; i++) {
    int expected = is_free;
    if (!atomic_compare_exchange_strong(&temporaries[i].state, &expected, is_taken)) continue;
    memcpy(temporaries[i].path, path, length + 1);
    atomic_store(&temporaries[i].state, in_use);
    return i;
  }
  return -1;
}

void csystem_forget_temporary(int32_t number) {
  if (number >= 0) atomic_store(&temporaries[number].state, is_free);
}

static void on_end(int number) {
  for (int i = 0; i < slot_count; i++)
    if (atomic_load(&temporaries[i].state) == in_use) unlink(temporaries[i].path);
  // The handler was reset to the default; the signal arrives again when this returns.
  raise(number);
}

void csystem_handle_ending_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction now;
    // nohup and shells without job control ignore signals for their children.
    if (sigaction(numbers[i], 0, &now) != 0 || (now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_DFL) continue;
    struct sigaction ending = {.sa_handler = on_end, .sa_flags = SA_RESETHAND};
    sigemptyset(&ending.sa_mask);
    sigaction(numbers[i], &ending, 0);
  }
  // Past a limit of file sizes a write then fails with EFBIG.
  signal(SIGXFSZ, SIG_IGN);
}
