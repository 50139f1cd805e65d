/* Stand for the rare compressions of libtiff, whose libraries would be larger than all of it. Files that have them are refused by name. */
#include <tiffio.h>

#define LACKS(name)                                                                                       \
  int TIFFInit##name(TIFF *file, int scheme);                                                             \
  int TIFFInit##name(TIFF *file, int scheme) {                                                            \
    (void)scheme;                                                                                         \
    TIFFErrorExt(TIFFClientdata(file), "TIFF", "This build of Onyx has no " #name " compression."); \
    return 0;                                                                                             \
  }

LACKS(LERC)
LACKS(LZMA)
LACKS(ZSTD)
LACKS(JBIG)
LACKS(WebP)
