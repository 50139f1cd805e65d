#pragma once
#include "include/CCodecs.h"

// Neither side of an image may be longer; the formats allow more, and no image has it.
enum { CCODECS_LONGEST_SIDE = 1 << 20 };

// Fills in the sizes and allocates the pixels. Call it before anything of the image's size is allocated.
ccodecs_status ccodecs_allocate(ccodecs_image *image, size_t max_bytes);

void ccodecs_say(char *message, const char *text);
