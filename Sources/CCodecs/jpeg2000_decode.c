#include "limits.h"
#include <openjpeg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count, place;
} source;

static OPJ_SIZE_T read_bytes(void *target, OPJ_SIZE_T count, void *data) {
  source *from = data;
  size_t left = from->count - from->place;
  if (left == 0) return (OPJ_SIZE_T)-1;
  if (count > left) count = left;
  memcpy(target, from->bytes + from->place, count);
  from->place += count;
  return count;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void *data) {
  source *from = data;
  if (count < 0 || (uint64_t)count > from->count - from->place) return -1;
  from->place += (size_t)count;
  return count;
}

static OPJ_BOOL seek_bytes(OPJ_OFF_T place, void *data) {
  source *from = data;
  if (place < 0 || (uint64_t)place > from->count) return OPJ_FALSE;
  from->place = (size_t)place;
  return OPJ_TRUE;
}

// Keeps the first message, without the line end that OpenJPEG puts behind it.
static void keep_message(const char *text, void *data) {
  char *message = data;
  if (message[0]) return;
  ccodecs_say(message, text);
  message[strcspn(message, "\r\n")] = 0;
}

static void ignore(const char *text, void *data) {
  (void)text;
  (void)data;
}

// A sample as 8 bits. A component that has fewer samples than the image is repeated.
static int sample(const opj_image_comp_t *component, uint32_t x, uint32_t y, const ccodecs_image *image) {
  size_t column = (uint64_t)x * component->w / image->width, row = (uint64_t)y * component->h / image->height;
  int64_t most = ((int64_t)1 << component->prec) - 1;
  int64_t value = component->data[row * component->w + column];
  if (component->sgnd) value += (int64_t)1 << (component->prec - 1);
  value = value < 0 ? 0 : value > most ? most : value;
  return (int)(component->prec > 8 ? value >> (component->prec - 8) : (value * 255 + most / 2) / most);
}

static uint8_t to_byte(double value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5); }

static void ycc_to_rgb(uint8_t *pixel) {
  double y = pixel[0], cb = pixel[1] - 128.0, cr = pixel[2] - 128.0;
  pixel[0] = to_byte(y + 1.402 * cr);
  pixel[1] = to_byte(y - 0.344136 * cb - 0.714136 * cr);
  pixel[2] = to_byte(y + 1.772 * cb);
}

static ccodecs_status copy_pixels(const opj_image_t *decoded, size_t max_bytes, ccodecs_image *image) {
  if (decoded->numcomps < 1 || decoded->numcomps > 4 || decoded->color_space == OPJ_CLRSPC_CMYK ||
      decoded->color_space == OPJ_CLRSPC_EYCC) {
    ccodecs_say(image->message, "its color space is not supported");
    return CCODECS_INVALID;
  }
  image->width = decoded->comps[0].w;
  image->height = decoded->comps[0].h;
  image->channels = decoded->numcomps;
  image->sample_bits = 8;
  for (uint32_t c = 0; c < image->channels; ++c) {
    const opj_image_comp_t *component = &decoded->comps[c];
    if (!component->data || component->w == 0 || component->h == 0 || component->prec < 1 || component->prec > 31) {
      ccodecs_say(image->message, "a component has no samples");
      return CCODECS_INVALID;
    }
  }
  ccodecs_status status = ccodecs_allocate(image, max_bytes);
  if (status != CCODECS_OK) return status;
  int is_ycc = decoded->color_space == OPJ_CLRSPC_SYCC && image->channels >= 3;
  uint8_t *pixel = image->pixels;
  for (uint32_t y = 0; y < image->height; ++y)
    for (uint32_t x = 0; x < image->width; ++x, pixel += image->channels) {
      for (uint32_t c = 0; c < image->channels; ++c) pixel[c] = (uint8_t)sample(&decoded->comps[c], x, y, image);
      if (is_ycc) ycc_to_rgb(pixel);
    }
  return CCODECS_OK;
}

static ccodecs_status decode(opj_codec_t *codec, opj_stream_t *stream, size_t max_bytes, ccodecs_image *image) {
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t *decoded = NULL;
  ccodecs_status status = CCODECS_INVALID;
  if (opj_setup_decoder(codec, &parameters) && opj_read_header(stream, codec, &decoded) && opj_decode(codec, stream, decoded) &&
      opj_end_decompress(codec, stream))
    status = copy_pixels(decoded, max_bytes, image);
  opj_image_destroy(decoded);
  if (status != CCODECS_OK && !image->message[0]) ccodecs_say(image->message, "the data are broken or cut off");
  return status;
}

int ccodecs_jpeg2000_reads_high_throughput(void) {
  int major = 0, minor = 0;
  return sscanf(opj_version(), "%d.%d", &major, &minor) == 2 && (major > 2 || (major == 2 && minor >= 5));
}

ccodecs_status ccodecs_jpeg2000_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  memset(image, 0, sizeof *image);
  source from = {bytes, count, 0};
  int is_codestream = count >= 2 && bytes[0] == 0xFF && bytes[1] == 0x4F;
  opj_codec_t *codec = opj_create_decompress(is_codestream ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  opj_stream_t *stream = opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE);
  ccodecs_status status = CCODECS_NO_MEMORY;
  if (codec && stream) {
    opj_set_error_handler(codec, keep_message, image->message);
    opj_set_warning_handler(codec, ignore, NULL);
    opj_set_info_handler(codec, ignore, NULL);
    opj_stream_set_read_function(stream, read_bytes);
    opj_stream_set_skip_function(stream, skip_bytes);
    opj_stream_set_seek_function(stream, seek_bytes);
    opj_stream_set_user_data(stream, &from, NULL);
    opj_stream_set_user_data_length(stream, count);
    status = decode(codec, stream, max_bytes, image);
  }
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  if (status != CCODECS_OK) {
    free(image->pixels);
    image->pixels = NULL;
  }
  return status;
}
