/* The streams of the C library for archives whose references to them were renamed. */
#include <stdio.h>

FILE *onyx_stderr, *onyx_stdout;

__attribute__((constructor)) static void find_streams(void) {
  onyx_stderr = stderr;
  onyx_stdout = stdout;
}
