#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

int32_t csystem_open_beneath(int32_t directory, const char *_Nonnull path) {
#if defined(__linux__) && defined(SYS_openat2)
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
  return fd >= 0 ? (int32_t)fd : -errno;
#else
  (void)directory;
  (void)path;
  return -ENOSYS;
#endif
}

int64_t csystem_read_file(const char *_Nonnull path, char *_Nonnull buffer, size_t capacity) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  size_t used = 0;
  while (used < capacity) {
    ssize_t n = read(fd, buffer + used, capacity - used);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    used += (size_t)n;
  }
  close(fd);
  return (int64_t)used;
}
