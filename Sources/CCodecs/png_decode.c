#include "limits.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t left;
  char *message;
} source;

static void fail(png_structp png, png_const_charp text) {
  source *from = png_get_error_ptr(png);
  ccodecs_say(from->message, text);
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->left) png_error(png, "the file ends early");
  memcpy(target, from->bytes, count);
  from->bytes += count;
  from->left -= count;
}

// Asks libpng for 8 or 16-bit gray or RGB, with alpha where the file has any transparency.
static void describe(png_structp png, png_infop info, ccodecs_image *image) {
  png_read_info(png, info);
  png_set_expand(png);
  const uint16_t probe = 1;
  if (png_get_bit_depth(png, info) == 16 && *(const uint8_t *)&probe == 1) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  image->width = png_get_image_width(png, info);
  image->height = png_get_image_height(png, info);
  image->channels = png_get_channels(png, info);
  image->sample_bits = png_get_bit_depth(png, info);
}

// Everything between here and libpng's longjmp. `rows` belongs to the caller, who frees it after a jump too.
static ccodecs_status decode(png_structp png, png_infop info, size_t max_bytes, ccodecs_image *image, png_bytep **rows) {
  if (setjmp(png_jmpbuf(png))) return CCODECS_INVALID;
  describe(png, info, image);
  ccodecs_status status = ccodecs_allocate(image, max_bytes);
  if (status != CCODECS_OK) return status;
  size_t stride = image->byte_count / image->height;
  if (png_get_rowbytes(png, info) != stride) png_error(png, "the rows have an unexpected size");
  *rows = malloc(image->height * sizeof(png_bytep));
  if (!*rows) return CCODECS_NO_MEMORY;
  for (uint32_t row = 0; row < image->height; ++row) (*rows)[row] = image->pixels + row * stride;
  png_read_image(png, *rows);
  png_read_end(png, NULL);
  return CCODECS_OK;
}

ccodecs_status ccodecs_png_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  memset(image, 0, sizeof *image);
  if (count < 8 || png_sig_cmp(bytes, 0, 8)) {
    ccodecs_say(image->message, "the file has no PNG signature");
    return CCODECS_INVALID;
  }
  source from = {bytes, count, image->message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  png_bytep *rows = NULL;
  ccodecs_status status = CCODECS_NO_MEMORY;
  if (info) {
    png_set_read_fn(png, &from, read_bytes);
    png_set_user_limits(png, CCODECS_LONGEST_SIDE, CCODECS_LONGEST_SIDE);
    // Text and profiles are of no use here: nothing large may hide in them.
    png_set_chunk_malloc_max(png, 1 << 20);
    png_set_chunk_cache_max(png, 64);
    status = decode(png, info, max_bytes, image, &rows);
  }
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  if (status != CCODECS_OK) {
    free(image->pixels);
    image->pixels = NULL;
  }
  return status;
}
