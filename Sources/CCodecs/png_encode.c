#include "limits.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  ccodecs_bytes *bytes;
  size_t capacity;
} sink;

static void fail(png_structp png, png_const_charp text) {
  sink *to = png_get_error_ptr(png);
  ccodecs_say(to->bytes->message, text);
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void write_bytes(png_structp png, png_bytep source, size_t count) {
  sink *to = png_get_io_ptr(png);
  ccodecs_bytes *bytes = to->bytes;
  if (count > SIZE_MAX / 2 - bytes->count) png_error(png, "the image is too large");
  if (bytes->count + count > to->capacity) {
    size_t capacity = 2 * (bytes->count + count);
    uint8_t *grown = realloc(bytes->bytes, capacity);
    if (!grown) png_error(png, "the memory is used up");
    bytes->bytes = grown;
    to->capacity = capacity;
  }
  memcpy(bytes->bytes + bytes->count, source, count);
  bytes->count += count;
}

static void flush(png_structp png) { (void)png; }

static ccodecs_status encode(
    png_structp png, png_infop info, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint32_t bits) {
  static const int colors[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  if (setjmp(png_jmpbuf(png))) return CCODECS_INVALID;
  png_set_IHDR(
      png, info, width, height, (int)bits, colors[channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const uint16_t probe = 1;
  if (bits == 16 && *(const uint8_t *)&probe == 1) png_set_swap(png);
  size_t stride = (size_t)width * channels * (bits / 8);
  for (uint32_t row = 0; row < height; ++row) png_write_row(png, pixels + row * stride);
  png_write_end(png, info);
  return CCODECS_OK;
}

ccodecs_status ccodecs_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint32_t sample_bits, ccodecs_bytes *out) {
  memset(out, 0, sizeof *out);
  if (width == 0 || height == 0 || width > CCODECS_LONGEST_SIDE || height > CCODECS_LONGEST_SIDE || channels < 1 || channels > 4 ||
      (sample_bits != 8 && sample_bits != 16)) {
    ccodecs_say(out->message, "no PNG has these sizes");
    return CCODECS_INVALID;
  }
  sink to = {out, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &to, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  ccodecs_status status = CCODECS_NO_MEMORY;
  if (info) {
    png_set_write_fn(png, &to, write_bytes, flush);
    png_set_user_limits(png, CCODECS_LONGEST_SIDE, CCODECS_LONGEST_SIDE);
    status = encode(png, info, pixels, width, height, channels, sample_bits);
  }
  png_destroy_write_struct(&png, &info);
  if (status != CCODECS_OK) {
    free(out->bytes);
    out->bytes = NULL;
    out->count = 0;
  }
  return status;
}
