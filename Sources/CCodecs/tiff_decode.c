#include "limits.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

typedef struct {
  const uint8_t *bytes;
  uint64_t count, place;
  char *message;
} source;

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
  source *from = handle;
  if (count < 0 || from->place >= from->count) return 0;
  uint64_t left = from->count - from->place;
  if ((uint64_t)count > left) count = (tmsize_t)left;
  memcpy(target, from->bytes + from->place, (size_t)count);
  from->place += (uint64_t)count;
  return count;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static toff_t seek_bytes(thandle_t handle, toff_t offset, int whence) {
  source *from = handle;
  from->place = whence == SEEK_CUR ? from->place + offset : whence == SEEK_END ? from->count + offset : offset;
  return from->place;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t byte_count(thandle_t handle) { return ((source *)handle)->count; }

#if TIFFLIB_VERSION >= 20221213
// Errors belong to one file. 1: the program's own handlers are not called.
static int keep_message(TIFF *tiff, void *data, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)module;
  char *message = data;
  if (!message[0]) vsnprintf(message, CCODECS_MESSAGE_SIZE, format, values);
  return 1;
}

static int ignore(TIFF *tiff, void *data, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)data;
  (void)module;
  (void)format;
  (void)values;
  return 1;
}

static TIFF *open_tiff(source *from, size_t max_bytes) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_message, from->message);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore, NULL);
  // Tags and tables take a little besides pixels.
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)(max_bytes > 1 << 20 ? max_bytes : 1 << 20));
  TIFF *tiff = TIFFClientOpenExt(
      "image", "rm", from, read_bytes, write_nothing, seek_bytes, close_nothing, byte_count, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}
#else
// Before 4.5 libtiff has handlers of the whole process only: messages are lost.
static TIFF *open_tiff(source *from, size_t max_bytes) {
  (void)max_bytes;
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  return TIFFClientOpen("image", "rm", from, read_bytes, write_nothing, seek_bytes, close_nothing, byte_count, NULL, NULL);
}
#endif

typedef struct {
  int is_gray, has_alpha, is_premultiplied;
} coloring;

static coloring find_coloring(TIFF *tiff) {
  uint16_t photometric = PHOTOMETRIC_MINISBLACK, samples = 1, extra = 0, *kinds = NULL;
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds);
  int is_gray = photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  coloring result = {is_gray, extra > 0 && kinds && kinds[0] != EXTRASAMPLE_UNSPECIFIED, 0};
  result.is_premultiplied = result.has_alpha && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  if (result.has_alpha && !result.is_premultiplied) {
    // libtiff would multiply the colors by such an alpha. Taken for one that is in them already, it leaves them as they are.
    uint16_t copied[1] = {EXTRASAMPLE_ASSOCALPHA};
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, copied);
  }
  return result;
}

static void copy_pixel(uint32_t packed, coloring coloring, uint8_t *target) {
  uint8_t light[3] = {TIFFGetR(packed), TIFFGetG(packed), TIFFGetB(packed)};
  unsigned alpha = TIFFGetA(packed);
  if (coloring.is_premultiplied && alpha != 0)
    for (int c = 0; c < 3; ++c) {
      unsigned whole = 255u * light[c] / alpha;
      light[c] = (uint8_t)(whole > 255 ? 255 : whole);
    }
  if (!coloring.is_gray || coloring.has_alpha) {
    memcpy(target, light, 3);
    if (coloring.has_alpha) target[3] = (uint8_t)alpha;
  } else {
    target[0] = light[0];
  }
}

// Equal strips or tiles may stand in a file once.
enum { MOST_READS_OF_A_BYTE = 16 };

// libtiff reads all bytes that a strip or tile claims, whatever its pixels need, and many of them can claim the same bytes.
static int claims_too_much(TIFF *tiff, uint64_t file_size) {
  uint64_t left = file_size * MOST_READS_OF_A_BYTE;
  uint32_t parts = TIFFIsTiled(tiff) ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  if (parts > left) return 1;
  for (uint32_t part = 0; part < parts; ++part) {
    uint64_t bytes = TIFFGetStrileByteCount(tiff, part);
    if (bytes > left) return 1;
    left -= bytes;
  }
  return 0;
}

static ccodecs_status decode(TIFF *tiff, size_t file_size, size_t max_bytes, ccodecs_image *image, char *message) {
  char reason[1024] = "";
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &image->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &image->height);
  coloring coloring = find_coloring(tiff);
  image->channels = coloring.has_alpha ? 4 : coloring.is_gray ? 1 : 3;
  image->sample_bits = 8;
  ccodecs_status status = ccodecs_allocate(image, max_bytes);
  if (status != CCODECS_OK) return status;
  size_t pixels = (size_t)image->width * image->height;
  uint64_t part = TIFFIsTiled(tiff) ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  if (pixels > max_bytes / sizeof(uint32_t) || part > max_bytes) {
    ccodecs_say(message, "its strips or tiles are larger than allowed");
    return CCODECS_TOO_LARGE;
  }
  if (claims_too_much(tiff, file_size)) {
    ccodecs_say(message, "its strips or tiles claim many times the bytes of the file");
    return CCODECS_INVALID;
  }
  uint32_t *raster = malloc(pixels * sizeof(uint32_t));
  if (!raster) return CCODECS_NO_MEMORY;
  status = CCODECS_INVALID;
  TIFFRGBAImage reader;
  if (TIFFRGBAImageOK(tiff, reason) && TIFFRGBAImageBegin(&reader, tiff, 1, reason)) {
    // Rows in the order of the file: the orientation tag has no effect.
    reader.req_orientation = reader.orientation;
    if (TIFFRGBAImageGet(&reader, raster, image->width, image->height)) status = CCODECS_OK;
    TIFFRGBAImageEnd(&reader);
  }
  if (status == CCODECS_OK)
    for (size_t i = 0; i < pixels; ++i) copy_pixel(raster[i], coloring, image->pixels + i * image->channels);
  else if (!message[0])
    ccodecs_say(message, reason[0] ? reason : "the data are broken or cut off");
  free(raster);
  return status;
}

ccodecs_status ccodecs_tiff_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  memset(image, 0, sizeof *image);
  source from = {bytes, count, 0, image->message};
  TIFF *tiff = open_tiff(&from, max_bytes);
  if (!tiff) {
    if (!image->message[0]) ccodecs_say(image->message, "the header is broken or cut off");
    return CCODECS_INVALID;
  }
  ccodecs_status status = decode(tiff, count, max_bytes, image, image->message);
  TIFFClose(tiff);
  if (status != CCODECS_OK) {
    free(image->pixels);
    image->pixels = NULL;
  }
  return status;
}
