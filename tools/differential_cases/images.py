"""ImageDecoder: pictures that Pillow writes; the reference evaluator reads them by Pillow, too."""

import io

import numpy as np

from differential_cases.case import draws

# What Pillow calls a format, its options, and how far two decoders may be apart: JPEG's text leaves rounding to the decoder.
FORMS = (
    ("BMP", {}, 0),
    ("PNG", {}, 0),
    ("PNG", {"compress_level": 1, "optimize": True}, 0),
    ("PPM", {}, 0),
    ("TIFF", {}, 0),
    ("TIFF", {"compression": "tiff_lzw"}, 0),
    ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
    ("TIFF", {"compression": "packbits"}, 0),
    ("WEBP", {"lossless": True}, 0),
    ("WEBP", {"quality": 60}, 1),
    ("JPEG", {"quality": 90}, 2),
    ("JPEG", {"quality": 40, "subsampling": 0}, 2),
    ("JPEG", {"quality": 75, "progressive": True}, 2),
    ("JPEG2000", {"irreversible": False}, 0),
    ("JPEG2000", {"irreversible": True, "quality_layers": [10]}, 1),
)


@draws("ImageDecoder")
def decode(d):
    """Smooth pictures with some noise in colours or grey, each format that Onyx reads, each order of channels."""
    from PIL import Image

    height, width = d.integer(1, 40), d.integer(1, 40)
    mode = d.pick(("RGB", "RGB", "L"))
    channels = {"RGB": 3, "L": 1}[mode]
    rows, columns = np.mgrid[0:height, 0:width]
    planes = [128 + 100 * np.sin(rows / d.integer(2, 9) + columns / d.integer(2, 9) + 2 * channel) for channel in range(channels)]
    pixels = np.clip(np.stack(planes, -1) + d.rng.normal(0, d.pick((0, 5, 30)), (height, width, channels)), 0, 255).astype(np.uint8)
    name, options, apart = d.pick(FORMS)
    stream = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if channels == 1 else pixels, mode).save(stream, name, **options)
    encoded = np.frombuffer(stream.getvalue(), np.uint8).copy()
    return d.case([encoded], d.attributes(pixel_format=d.pick(("RGB", "BGR", "Grayscale"))), rtol=0, atol=apart)
