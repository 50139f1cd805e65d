/* Stand in a wheel for the decoders whose libraries are large and whose pictures are rare; each says so by name. */
#include <stdio.h>

#include "CCodecs.h"

static ccodecs_status refuse(ccodecs_image *image, const char *format) {
  snprintf(image->message, sizeof image->message, "this build of Onyx reads no %s pictures: decode them first", format);
  return CCODECS_INVALID;
}

ccodecs_status ccodecs_webp_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  (void)bytes, (void)count, (void)max_bytes;
  return refuse(image, "WebP");
}

ccodecs_status ccodecs_tiff_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  (void)bytes, (void)count, (void)max_bytes;
  return refuse(image, "TIFF");
}

ccodecs_status ccodecs_jpeg2000_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  (void)bytes, (void)count, (void)max_bytes;
  return refuse(image, "JPEG 2000");
}

int ccodecs_jpeg2000_reads_high_throughput(void) { return 1; }
