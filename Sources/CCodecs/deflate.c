#include "limits.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// zlib counts in 32 bits; larger buffers are handed over in pieces.
static uInt piece(size_t left) { return left > UINT_MAX ? UINT_MAX : (uInt)left; }

uint32_t ccodecs_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, count); }

ccodecs_status ccodecs_inflate_raw(const uint8_t *bytes, size_t count, uint8_t *output, size_t output_count) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return CCODECS_NO_MEMORY;
  size_t unread = count, unwritten = output_count;
  uint8_t past_the_end;
  int is_past = 0;
  stream.next_in = (Bytef *)bytes;
  stream.next_out = output;
  int result = Z_OK;
  while (result == Z_OK) {
    if (stream.avail_in == 0) {
      stream.avail_in = piece(unread);
      unread -= stream.avail_in;
    }
    if (stream.avail_out == 0) {
      if (is_past && stream.next_out != &past_the_end) break;
      // One byte more than wanted tells a stream that goes on from one that is at its end.
      if (unwritten == 0) {
        stream.next_out = &past_the_end;
        stream.avail_out = 1;
        is_past = 1;
      } else {
        stream.avail_out = piece(unwritten);
        unwritten -= stream.avail_out;
      }
    }
    result = inflate(&stream, Z_NO_FLUSH);
  }
  int wrote_past = is_past && stream.avail_out == 0;
  size_t missing = unwritten + (is_past ? 0 : stream.avail_out);
  inflateEnd(&stream);
  if (wrote_past) return CCODECS_TOO_LARGE;
  if (result == Z_MEM_ERROR) return CCODECS_NO_MEMORY;
  return result == Z_STREAM_END && missing == 0 ? CCODECS_OK : CCODECS_INVALID;
}

ccodecs_status ccodecs_deflate_raw(const uint8_t *bytes, size_t count, ccodecs_bytes *output) {
  memset(output, 0, sizeof *output);
  if (count > ULONG_MAX / 2) return CCODECS_TOO_LARGE;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return CCODECS_NO_MEMORY;
  size_t capacity = deflateBound(&stream, (uLong)count);
  output->bytes = malloc(capacity);
  int result = output->bytes ? Z_OK : Z_MEM_ERROR;
  size_t unread = count, unwritten = capacity;
  stream.next_in = (Bytef *)bytes;
  stream.next_out = output->bytes;
  while (result == Z_OK) {
    if (stream.avail_in == 0) {
      stream.avail_in = piece(unread);
      unread -= stream.avail_in;
    }
    if (stream.avail_out == 0) {
      stream.avail_out = piece(unwritten);
      unwritten -= stream.avail_out;
    }
    result = deflate(&stream, unread == 0 ? Z_FINISH : Z_NO_FLUSH);
  }
  output->count = capacity - unwritten - stream.avail_out;
  deflateEnd(&stream);
  if (result == Z_STREAM_END) return CCODECS_OK;
  free(output->bytes);
  memset(output, 0, sizeof *output);
  return result == Z_MEM_ERROR ? CCODECS_NO_MEMORY : CCODECS_INVALID;
}
