"""Resizing and sampling."""

import numpy as np

from differential_cases.case import draws

TRANSFORMS = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")


@draws("Resize")
def resize(d):
    """Scales or sizes; nearest, linear and cubic; antialiasing, axes and aspect ratio from version 18 on."""
    spatial = d.integer(1, 3)
    shape = (d.integer(1, 2), d.integer(1, 2), *(d.integer(1, 6) for _ in range(spatial)))
    mode = d.pick(("nearest", "linear", "cubic")) if d.version >= 11 and spatial == 2 else d.pick(("nearest", "linear"))
    x = d.tensor(0, shape, "plain")
    factors = [1.0, 1.0, *(d.pick((0.5, 1.0, 1.5, 2.0, 0.6, 3.0, 1.25)) for _ in range(spatial))]
    if d.version == 10:
        return d.case([x, np.array(factors, np.float32)], {"mode": mode})
    attributes = {
        "mode": mode,
        **d.attributes(coordinate_transformation_mode=d.pick(TRANSFORMS + (("half_pixel_symmetric",) if d.version >= 19 else ()))),
    }
    if mode == "nearest":
        attributes |= d.attributes(nearest_mode=d.pick(("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")))
    if mode == "cubic":
        attributes |= d.attributes(cubic_coeff_a=d.pick((-0.75, -0.5)), exclude_outside=d.integer(0, 1))
    if mode != "nearest" and d.version >= 18 and d.chance(0.25):
        attributes["antialias"] = 1
    axes = list(range(2, 2 + spatial)) if d.version >= 18 and d.chance(0.3) else None
    if axes:
        attributes["axes"] = axes
        factors = factors[2:]
    roi = None if d.version >= 13 else np.array([], np.float32)
    if d.chance(0.5):
        return d.case([x, roi, np.array(factors, np.float32)], attributes, atol=1e-5)
    sizes = [max(1, int(shape[2 + place - (0 if axes else 2)] * factor)) for place, factor in enumerate(factors)]
    if axes and d.chance(0.5):
        attributes["keep_aspect_ratio_policy"] = d.pick(("not_larger", "not_smaller"))
    return d.case([x, roi, None if d.version >= 13 else np.array([], np.float32), d.ints(sizes)], attributes, atol=1e-5)


@draws("Upsample")
def upsample(d):
    """Whole and broken factors."""
    shape = (d.integer(1, 2), d.integer(1, 2), d.integer(1, 5), d.integer(1, 5))
    factors = [1.0, 1.0, d.pick((1.0, 2.0, 1.5, 3.0)), d.pick((1.0, 2.0, 1.25))]
    x, mode = d.tensor(0, shape, "plain"), d.pick(("nearest", "linear" if d.version > 1 else "bilinear"))
    if d.version >= 9:
        return d.case([x, np.array(factors, np.float32)], {"mode": mode}, atol=1e-5)
    if d.version == 1:
        return d.case([x], {"mode": mode, "height_scale": factors[2], "width_scale": factors[3]}, atol=1e-5)
    return d.case([x], {"mode": mode, "scales": factors}, atol=1e-5)


@draws("GridSample")
def grid_sample(d):
    """Points inside and outside."""
    spatial = d.integer(2, 3) if d.version >= 20 else 2
    shape = (d.integer(1, 2), d.integer(1, 3), *(d.integer(1, 5) for _ in range(spatial)))
    out = [d.integer(1, 4) for _ in range(spatial)]
    mode = d.pick(
        (("linear", "nearest", "cubic") if spatial == 2 else ("linear", "nearest"))
        if d.version >= 20
        else ("bilinear", "nearest", "bicubic")
    )
    grid = (d.rng.uniform(-1.6, 1.6, (shape[0], *out, spatial))).astype(d.input_type(1))
    return d.case(
        [d.tensor(0, shape, "plain"), grid],
        {"mode": mode, **d.attributes(padding_mode=d.pick(("zeros", "border", "reflection")), align_corners=d.integer(0, 1))},
        atol=1e-4,
    )


@draws("AffineGrid")
def affine(d):
    """Two and three dimensions."""
    spatial, batch = d.integer(2, 3), d.integer(1, 2)
    size = [batch, d.integer(1, 3), *(d.integer(1, 4) for _ in range(spatial))]
    return d.case(
        [d.tensor(0, (batch, spatial, spatial + 1), "plain"), d.ints(size)], d.attributes(align_corners=d.integer(0, 1)), atol=1e-5
    )
