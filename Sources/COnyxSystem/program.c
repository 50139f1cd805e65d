#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Starts the program with its input from `in` and its output into `out`; its messages are dropped.
static int start(pid_t *pid, char *const *words, int in, int out) {
  posix_spawn_file_actions_t actions;
  int status = posix_spawn_file_actions_init(&actions);
  if (status) return status;
  status = posix_spawn_file_actions_adddup2(&actions, in, 0);
  if (!status) status = posix_spawn_file_actions_adddup2(&actions, out, 1);
  if (!status) status = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  if (!status) status = posix_spawnp(pid, words[0], &actions, 0, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

// Reads until the program closes its output. Returns 0 or an errno value.
static int drain(int fd, int64_t deadline, size_t limit, char **bytes, size_t *count) {
  size_t room = 0;
  for (;;) {
    int64_t left = deadline - now_ms();
    if (left <= 0) return ETIMEDOUT;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready = poll(&wait, 1, (int)(left > 60000 ? 60000 : left));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    if (*count == room) {
      if (room >= limit) return EFBIG;
      room = room ? room * 2 : 1 << 16;
      char *more = realloc(*bytes, room);
      if (!more) return ENOMEM;
      *bytes = more;
    }
    ssize_t got = read(fd, *bytes + *count, room - *count);
    if (got < 0 && errno != EINTR) return errno;
    if (got == 0) return 0;
    if (got > 0) *count += (size_t)got;
  }
}

int32_t csystem_run_program(char *_Nullable const *_Nonnull words, const char *_Nullable input, size_t input_count,
                            int32_t seconds, size_t limit, char *_Nullable *_Nonnull output, size_t *_Nonnull output_count) {
  *output = 0;
  *output_count = 0;
  // A file and no pipe: a program that writes before it has read everything cannot block on us.
  FILE *file = tmpfile();
  if (!file) return -errno;
  int ends[2] = {-1, -1};
  int status = 0;
  if ((input_count && fwrite(input, 1, input_count, file) != input_count) || fflush(file) || fseek(file, 0, SEEK_SET)) status = EIO;
  if (!status && pipe(ends)) status = errno;
  pid_t pid = -1;
  if (!status) {
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    status = start(&pid, (char *const *)words, fileno(file), ends[1]);
  }
  fclose(file);
  if (ends[1] >= 0) close(ends[1]);
  int code = 0;
  if (!status) {
    status = drain(ends[0], now_ms() + (int64_t)seconds * 1000, limit, output, output_count);
    if (status) kill(pid, SIGKILL);
    while (waitpid(pid, &code, 0) < 0 && errno == EINTR) {
    }
  }
  if (ends[0] >= 0) close(ends[0]);
  if (status) {
    free(*output);
    *output = 0;
    *output_count = 0;
    return -status;
  }
  return WIFEXITED(code) ? WEXITSTATUS(code) : 128;
}

bool csystem_image(int64_t *_Nonnull size, int64_t *_Nonnull nanoseconds) {
  Dl_info info;
  struct stat status;
  const char *path = dladdr((void *)csystem_image, &info) && info.dli_fname ? info.dli_fname : "";
  // The name of a program is as it was called, which need not be a path.
  if (!strchr(path, '/') || stat(path, &status) != 0) {
    if (stat("/proc/self/exe", &status) != 0) return false;
  }
  *size = (int64_t)status.st_size;
#if defined(__APPLE__)
  *nanoseconds = (int64_t)status.st_mtimespec.tv_sec * 1000000000 + status.st_mtimespec.tv_nsec;
#else
  *nanoseconds = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
#endif
  return true;
}
