#include "limits.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// jpeglib.h needs stdio.h before it.
#include <jpeglib.h>
#include <jerror.h>

// A progressive file of a few kilobytes can ask for the whole image thousands of times; encoders write about ten scans.
enum { MOST_SCANS = 200 };

typedef struct {
  struct jpeg_error_mgr base;  // first: libjpeg hands back a pointer to it
  jmp_buf jump;
  char *message;
} error_state;

static void fail(j_common_ptr jpeg) {
  error_state *state = (error_state *)jpeg->err;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  text[CCODECS_MESSAGE_SIZE - 1] = 0;
  ccodecs_say(state->message, text);
  longjmp(state->jump, 1);
}

static void fail_with(j_common_ptr jpeg, const char *text) {
  error_state *state = (error_state *)jpeg->err;
  ccodecs_say(state->message, text);
  longjmp(state->jump, 1);
}

// libjpeg fills what is missing with gray and only warns; missing data are an error here.
static void warn(j_common_ptr jpeg, int level) {
  if (level < 0 && (jpeg->err->msg_code == JWRN_JPEG_EOF || jpeg->err->msg_code == JWRN_HIT_MARKER)) fail_with(jpeg, "the file ends early");
}

static void be_silent(j_common_ptr jpeg) { (void)jpeg; }

static void check_scans(j_common_ptr jpeg) {
  if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS) fail_with(jpeg, "the file has too many scans");
}

// Inks to light, in place: 4 samples shrink to 3. Adobe writes inks inverted.
static void row_from_cmyk(uint8_t *row, uint32_t width, int inverted) {
  for (uint32_t x = 0; x < width; ++x) {
    unsigned black = inverted ? row[4 * x + 3] : 255u - row[4 * x + 3];
    uint8_t light[3];
    for (int c = 0; c < 3; ++c) {
      unsigned ink = inverted ? row[4 * x + c] : 255u - row[4 * x + c];
      light[c] = (uint8_t)((ink * black + 127) / 255);
    }
    memcpy(row + 3 * x, light, 3);
  }
}

static ccodecs_status decode(
    struct jpeg_decompress_struct *jpeg, error_state *state, const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image,
    uint8_t **inks) {
  struct jpeg_progress_mgr progress = {.progress_monitor = check_scans};
  if (setjmp(state->jump)) return CCODECS_INVALID;
  jpeg_create_decompress(jpeg);
  jpeg->progress = &progress;  // after the call that clears the structure
  jpeg_mem_src(jpeg, bytes, (unsigned long)count);
  jpeg_read_header(jpeg, TRUE);
  image->width = jpeg->image_width;
  image->height = jpeg->image_height;
  image->sample_bits = 8;
  int is_ink = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
  int is_gray = jpeg->jpeg_color_space == JCS_GRAYSCALE;
  jpeg->out_color_space = is_ink ? JCS_CMYK : is_gray ? JCS_GRAYSCALE : JCS_RGB;
  image->channels = is_gray ? 1 : 3;
  ccodecs_status status = ccodecs_allocate(image, max_bytes);
  if (status != CCODECS_OK) return status;
  size_t stride = image->byte_count / image->height;
  if (is_ink && !(*inks = malloc((size_t)image->width * 4))) return CCODECS_NO_MEMORY;
  jpeg_start_decompress(jpeg);
  if (jpeg->output_width != image->width || jpeg->output_components != (is_ink ? 4 : (int)image->channels))
    fail_with((j_common_ptr)jpeg, "the rows have an unexpected size");
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *target = image->pixels + jpeg->output_scanline * stride;
    JSAMPROW row = is_ink ? *inks : target;
    jpeg_read_scanlines(jpeg, &row, 1);
    if (is_ink) {
      row_from_cmyk(*inks, image->width, jpeg->saw_Adobe_marker);
      memcpy(target, *inks, stride);
    }
  }
  jpeg_finish_decompress(jpeg);
  return CCODECS_OK;
}

ccodecs_status ccodecs_jpeg_decode(const uint8_t *bytes, size_t count, size_t max_bytes, ccodecs_image *image) {
  memset(image, 0, sizeof *image);
  struct jpeg_decompress_struct jpeg;
  memset(&jpeg, 0, sizeof jpeg);
  error_state state;
  memset(&state, 0, sizeof state);
  jpeg.err = jpeg_std_error(&state.base);
  state.base.error_exit = fail;
  state.base.emit_message = warn;
  state.base.output_message = be_silent;
  state.message = image->message;
  uint8_t *inks = NULL;
  ccodecs_status status = decode(&jpeg, &state, bytes, count, max_bytes, image, &inks);
  jpeg.progress = NULL;
  jpeg_destroy_decompress(&jpeg);
  free(inks);
  if (status != CCODECS_OK) {
    free(image->pixels);
    image->pixels = NULL;
  }
  return status;
}
