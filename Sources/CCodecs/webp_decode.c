#include "limits.h"
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

ccodecs_status ccodecs_webp_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  memset(image, 0, sizeof *image);
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes, count, &features) != VP8_STATUS_OK) {
    ccodecs_say(image->message, "the header is broken or cut off");
    return CCODECS_INVALID;
  }
  if (features.has_animation) {
    ccodecs_say(image->message, "it is an animation");
    return CCODECS_INVALID;
  }
  image->width = (uint32_t)features.width;
  image->height = (uint32_t)features.height;
  image->channels = features.has_alpha ? 4 : 3;
  image->sample_bits = 8;
  ccodecs_status status = ccodecs_allocate(image, max_bytes);
  if (status != CCODECS_OK) return status;
  int stride = (int)(image->byte_count / image->height);
  uint8_t *decoded = features.has_alpha ? WebPDecodeRGBAInto(bytes, count, image->pixels, image->byte_count, stride)
                                        : WebPDecodeRGBInto(bytes, count, image->pixels, image->byte_count, stride);
  if (decoded) return CCODECS_OK;
  ccodecs_say(image->message, "the data are broken or cut off");
  free(image->pixels);
  image->pixels = NULL;
  return CCODECS_INVALID;
}
