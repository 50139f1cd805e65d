#include <zlib.h>

/* Macros that take a size do not reach Swift. `bits`: 15 zlib, 31 gzip, 47 either of both, −15 bare. */
static inline int onyx_serve_inflate_begin(z_stream *stream, int bits) { return inflateInit2(stream, bits); }
static inline int onyx_serve_deflate_begin(z_stream *stream, int bits) {
  return deflateInit2(stream, 1, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
}
