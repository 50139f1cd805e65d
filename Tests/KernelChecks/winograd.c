#include "check.h"

#include <math.h>

static void check_input(void (*transform)(const onyx_winograd_input *), void (*scalar)(const onyx_winograd_input *), int64_t n,
                        int64_t height, int64_t width) {
  const int64_t positions = (n + 2) * (n + 2), count = (width + n - 1) / n, stride = (count + 1) * 16;
  const float *x = random_floats(height * width * 16, 1);
  for (int64_t top = -1; top < height; top += n) {
    float *r = filled_floats(count * 64, 7), *s = filled_floats(count * 64, 7);
    float *y = filled_floats(positions * stride, 7), *e = filled_floats(positions * stride, 7);
    onyx_winograd_input run = {.x = x, .height = height, .width = width, .top = top, .left = -1, .count = count, .v = y, .position_stride = stride,
                               .squares = r};
    transform(&run);
    run.v = e;
    run.squares = s;
    scalar(&run);
    check_close(r, s, count * 64, 1e-6, 0, "squares of %lld, %lld x %lld from row %lld", (long long)n, (long long)height, (long long)width, (long long)top);
    check_close(y, e, positions * stride, 0, 4e-6, "input of %lld, %lld x %lld from row %lld", (long long)n, (long long)height,
                (long long)width, (long long)top);
  }
}

static void check_output(void (*transform)(const onyx_winograd_output *), void (*scalar)(const onyx_winograd_output *), int64_t n,
                         int64_t height, int64_t width, int with_addend) {
  const int64_t positions = (n + 2) * (n + 2), count = (width + n - 1) / n, stride = count * 16, pixels = height * width * 16;
  const float *m = random_floats((positions - 1) * stride + count * 16, 2);
  for (int64_t top = 0; top < height; top += n) {
    float *y = filled_floats(pixels, 7), *e = filled_floats(pixels, 7);
    onyx_winograd_output run = {.m = m, .position_stride = stride, .y = y, .z = with_addend ? random_floats(pixels, 3) : 0,
                                .height = height, .width = width, .top = top, .left = 0, .count = count,
                                .bias = with_addend ? random_floats(16, 4) : 0, .low = -1, .high = with_addend ? INFINITY : 2};
    transform(&run);
    run.y = e;
    scalar(&run);
    check_close(y, e, pixels, 0, 8e-6, "output of %lld, %lld x %lld from row %lld", (long long)n, (long long)height, (long long)width,
                (long long)top);
  }
}

// Direct sums, of all tiles as uneven ones or because no product is finite: the same bits, also when y is the memory of z.
static void check_direct(const onyx_winograd_size *tile, const onyx_winograd_size *same, int64_t height, int64_t width, int64_t channels) {
  const int64_t n = tile->size, positions = (n + 2) * (n + 2), count = (width + n - 1) / n, stride = count * 16, pixels = height * width * 16;
  const int64_t blocks = (channels + 15) / 16;
  const onyx_winograd_direct direct = {.x = random_floats(blocks * pixels, 8), .block_stride = pixels, .channels = channels, .height = height,
                                       .width = width, .pad_top = 1, .pad_left = 1, .g = random_floats(channels * 9 * 16, 9)};
  const float *z = random_floats(pixels, 10), *uneven = filled_floats(count, 1);
  float *y = random_floats(pixels, 10), *e = filled_floats(pixels, 7), *lost = random_floats(pixels, 10);
  onyx_winograd_output run = {.m = filled_floats(positions * stride, NAN), .position_stride = stride, .height = height, .width = width,
                              .count = count, .bias = random_floats(16, 11), .low = -1, .high = 5, .direct = &direct};
  for (run.top = 0; run.top < height; run.top += n) {
    run.y = y, run.z = y, run.uneven = uneven;
    tile->output(&run);
    run.y = lost, run.z = lost, run.uneven = 0;
    tile->output(&run);
    run.y = e, run.z = z, run.uneven = uneven;
    same->output(&run);
  }
  check_close(y, e, pixels, 0, 4e-6 * (double)channels, "direct sums of %lld, %lld x %lld", (long long)n, (long long)height, (long long)width);
  check_equal(lost, y, pixels, "results that are not finite, of %lld, %lld x %lld", (long long)n, (long long)height, (long long)width);
}

static void check_evenness(const onyx_winograd_row *row, int64_t channels) {
  enum { TILES = 5 };
  const int64_t blocks = (channels + 15) / 16, stride = TILES * 64;
  float *ranges = filled_floats(blocks * stride, 0), *uneven = filled_floats(TILES, 7);
  float *last = ranges + (blocks - 1) * stride + (channels - 1) % 16;
  for (int64_t i = 0; i < TILES * 4; i++) ranges[i * 16] = 1;
  last[64 + 2 * 16] += 7;          // as large as the limit
  last[2 * 64] += 7.5f;            // above it
  ranges[3 * 64 + 16] = 0.1f;      // far below the others
  for (int64_t q = 0; q < 3; q++) ranges[4 * 64 + q * 16] = 0;  // zeros count as nothing
  if (channels % 16) last[1] = 1e9f;                            // no channel's lane
  const onyx_winograd_evenness run = {.squares = ranges, .block_stride = stride, .channels = channels, .tiles = TILES, .limit = 8, .uneven = uneven};
  row->evenness(&run);
  float *expected = filled_floats(TILES, 0);
  expected[2] = expected[3] = 1;
  check_equal(uneven, expected, TILES, "evenness of %lld channels", (long long)channels);
}

static void check_filter(void (*transform)(float *, int64_t, const float *, int64_t), void (*scalar)(float *, int64_t, const float *, int64_t),
                         int64_t n, int64_t count) {
  const int64_t positions = (n + 2) * (n + 2), stride = count * 16;
  const float *g = random_floats(count * 9 * 16, 5);
  float *u = filled_floats(positions * stride, 7), *e = filled_floats(positions * stride, 7);
  transform(u, stride, g, count);
  scalar(e, stride, g, count);
  check_close(u, e, positions * stride, 0, 4e-6, "filter of %lld, %lld channels", (long long)n, (long long)count);
}

static void check_product(const onyx_winograd_row *row, const onyx_winograd_row *scalar, int64_t tiles, int64_t channels, int accumulate) {
  const int64_t positions = 36, blocks = (channels + 15) / 16;
  onyx_winograd_product product = {.v = random_floats(positions * blocks * tiles * 16, 6), .v_position_stride = blocks * tiles * 16,
                                   .v_block_stride = tiles * 16, .u_position_stride = channels * 16, .m_position_stride = tiles * 16,
                                   .positions = positions, .tiles = tiles, .channels = channels, .accumulate = accumulate};
  const float *g = random_floats(channels * 9 * 16, 7);
  float *u = filled_floats(positions * channels * 16, 7);
  scalar->four.filter(u, channels * 16, g, channels);
  product.u = u;
  float *e = filled_floats(positions * tiles * 16, accumulate ? 2 : NAN), *m = filled_floats(positions * tiles * 16, accumulate ? 2 : NAN);
  product.m = e;
  scalar->product(&product);
  product.m = m;
  row->product(&product);
  check_close(m, e, positions * tiles * 16, 1e-6, 2e-5, "product of %lld tiles, %lld channels", (long long)tiles, (long long)channels);
  if (tiles > row->few) return;
  m = filled_floats(positions * tiles * 16, accumulate ? 2 : NAN);
  product.u = g;
  product.m = m;
  product.ahead = g;
  product.ahead_bytes = channels * 9 * 64;
  row->few_product(&product);
  check_close(m, e, positions * tiles * 16, 1e-6, 2e-5, "few products of %lld tiles, %lld channels", (long long)tiles, (long long)channels);
}

FAMILY(winograd) {
  for (int size = 0; size < 2; size++) {
    const onyx_winograd_size *tile = size ? &row->four : &row->two, *same = size ? &scalar->four : &scalar->two;
    for (int64_t height = 1; height < 12; height += 2)
      for (int64_t width = 1; width < 12; width++) {
        check_input(tile->input, same->input, tile->size, height, width);
        check_output(tile->output, same->output, tile->size, height, width, width % 2 == 0);
      }
    for (int64_t width = 1; width < 12; width++) check_direct(tile, same, 12 - width, width, 3 * width);
    for (int64_t count = 1; count < 20; count += 3) check_filter(tile->filter, same->filter, tile->size, count);
  }
  for (int64_t channels = 1; channels < 40; channels += 5) check_evenness(row, channels);
  for (int64_t tiles = 1; tiles < 64; tiles += tiles < 31 ? 1 : 9)
    for (int64_t channels = 1; channels < 40; channels += 6) check_product(row, scalar, tiles, channels, channels % 2);
}
