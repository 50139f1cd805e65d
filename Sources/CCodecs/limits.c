#include "limits.h"
#include <stdio.h>
#include <stdlib.h>

void ccodecs_say(char *message, const char *text) { snprintf(message, CCODECS_MESSAGE_SIZE, "%s", text); }

void ccodecs_free(uint8_t *memory) { free(memory); }

ccodecs_status ccodecs_allocate(ccodecs_image *image, size_t max_bytes) {
  if (image->width == 0 || image->height == 0) {
    ccodecs_say(image->message, "the image has no pixels");
    return CCODECS_INVALID;
  }
  // Both sides are at most 2^20, so that the product with 8 bytes for a pixel fits 64 bits.
  uint64_t bytes = 0;
  if (image->width <= CCODECS_LONGEST_SIDE && image->height <= CCODECS_LONGEST_SIDE)
    bytes = (uint64_t)image->width * image->height * image->channels * (image->sample_bits / 8);
  if (bytes == 0 || bytes > max_bytes) {
    snprintf(image->message, CCODECS_MESSAGE_SIZE, "%u x %u pixels are more than allowed", image->width, image->height);
    return CCODECS_TOO_LARGE;
  }
  image->byte_count = (size_t)bytes;
  image->pixels = malloc(image->byte_count);
  if (!image->pixels) {
    ccodecs_say(image->message, "the pixels could not be allocated");
    return CCODECS_NO_MEMORY;
  }
  return CCODECS_OK;
}
