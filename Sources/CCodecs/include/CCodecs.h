#pragma once
#include <stddef.h>
#include <stdint.h>

// Codecs behind plain C functions: no callbacks, no setjmp and no library type leaves this target.
// Every function checks sizes before it allocates. Memory that a function hands out is freed with ccodecs_free.

typedef enum {
  CCODECS_OK = 0,
  CCODECS_INVALID = 1,    // the bytes break the format
  CCODECS_TOO_LARGE = 2,  // the result would be larger than the caller allows
  CCODECS_NO_MEMORY = 3,
} ccodecs_status;

enum { CCODECS_MESSAGE_SIZE = 128 };

// Rows without padding, samples interleaved. 16-bit samples have the byte order of the machine.
typedef struct {
  uint32_t width, height;
  uint32_t channels;     // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
  uint32_t sample_bits;  // 8 or 16
  uint8_t *pixels;
  size_t byte_count;
  char message[CCODECS_MESSAGE_SIZE];  // what is wrong when the status is not CCODECS_OK
} ccodecs_image;

typedef struct {
  uint8_t *bytes;
  size_t count;
  char message[CCODECS_MESSAGE_SIZE];
} ccodecs_bytes;

// Palettes become RGB, samples of 1, 2 and 4 bits become 8, a transparent color becomes an alpha channel; gamma and color
// profiles have no effect. `max_bytes` bounds the decoded pixels.
ccodecs_status ccodecs_png_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image);

// `pixels` as in ccodecs_image. Equal pixels give equal bytes for one version of libpng and zlib.
ccodecs_status ccodecs_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint32_t sample_bits, ccodecs_bytes *png);

// Gray stays gray, every other color space becomes RGB. The orientation tag has no effect.
ccodecs_status ccodecs_jpeg_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image);

// An image of one picture becomes RGB, with alpha where the file has it.
ccodecs_status ccodecs_webp_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image);

// The first image of a file as 8-bit gray, RGB or RGB and alpha; samples of 16 bits are rounded, premultiplied colors divided by their
// alpha. The orientation tag has no effect. Strips, tiles and a raster of 4 bytes for each pixel are bounded by `max_bytes` too, and what
// is read of the file by a multiple of its size.
ccodecs_status ccodecs_tiff_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image);

// A JP2 file or a bare codestream as 8-bit gray or RGB, each with alpha where the file has it. OpenJPEG takes memory by what the headers
// say: hand over only bytes whose headers have been checked.
ccodecs_status ccodecs_jpeg2000_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image);

// Whether the library that is loaded knows the markers of high throughput coding. One that does not takes them for unknown.
int ccodecs_jpeg2000_reads_high_throughput(void);

// Raw deflate (RFC 1951) into a buffer of the known size. CCODECS_INVALID when the stream is broken, ends early or gives
// fewer bytes; CCODECS_TOO_LARGE when it gives more.
ccodecs_status ccodecs_inflate_raw(const uint8_t *bytes, size_t count, uint8_t *output, size_t output_count);

ccodecs_status ccodecs_deflate_raw(const uint8_t *bytes, size_t count, ccodecs_bytes *output);

uint32_t ccodecs_crc32(const uint8_t *bytes, size_t count);

void ccodecs_free(uint8_t *memory);
