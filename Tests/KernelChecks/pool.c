#include "check.h"

#include <math.h>

FAMILY(pool) {
  for (int64_t width = 1; width < 70; width++)
    for (int64_t taps = 1; taps < 10; taps += 4) {
      const float *x = random_floats(width + 2 * taps, 1), *wild = sweep_floats(width + 2 * taps, 2);
      float *divisors = filled_floats(width, (float)taps), *y = filled_floats(width, NAN), *e = filled_floats(width, NAN);
      int64_t offsets[9];
      for (int64_t t = 0; t < taps; t++) offsets[t] = 2 * t % 5;
      row->max_row(y, width, wild, offsets, taps), scalar->max_row(e, width, wild, offsets, taps);
      check_close(y, e, width, 0, 0, "max_row %lld, %lld taps", (long long)width, (long long)taps);
      row->average_row(y, width, x, offsets, taps, divisors), scalar->average_row(e, width, x, offsets, taps, divisors);
      check_equal(y, e, width, "average_row %lld, %lld taps", (long long)width, (long long)taps);
    }
}
