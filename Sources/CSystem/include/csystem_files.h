#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

// Opens `path` for reading below the directory, refusing "..", absolute paths and links that leave it. Returns a
// descriptor or -errno; -ENOSYS where the kernel cannot enforce this, so that callers check each component.
static inline int32_t csystem_open_beneath(int32_t directory, const char *_Nonnull path) {
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

// Reads at most `capacity` bytes of a small file. Returns the count or -errno.
static inline int64_t csystem_read_file(const char *_Nonnull path, char *_Nonnull buffer, size_t capacity) {
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
