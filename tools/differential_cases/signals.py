"""Fourier transforms, windows, mel weights."""

import numpy as np

from differential_cases.case import draws


@draws("DFT")
def dft(d):
    """Real and complex, one-sided, back, shorter and longer than the axis."""
    real = d.chance(0.5)
    shape = (d.integer(1, 2), *(d.integer(2, 6) for _ in range(d.integer(1, 2))))
    axis = d.integer(1, len(shape) - 1)
    x = d.tensor(0, (*shape, 1 if real else 2), "plain")
    inverse, onesided = d.integer(0, 1), d.integer(0, 1)
    if onesided and not real:
        onesided = 0
    if inverse and onesided:
        inverse = 0
    length = np.array(d.integer(2, 8), d.type("T2")) if d.chance(0.5) else None
    attributes = {"inverse": inverse, "onesided": onesided}
    if d.version < 20:
        return d.case([x, length], {**attributes, "axis": axis}, atol=1e-4)
    return d.case([x, length, np.array(axis - (len(shape) + 1 if d.chance(0.4) else 0), np.int64)], attributes, atol=1e-4)


@draws("STFT")
def stft(d):
    """With a window, with a length, with both."""
    length, frame, step = d.integer(8, 20), d.integer(2, 8), d.integer(1, 4)
    x = d.tensor(0, (d.integer(1, 2), length, 1), "plain")
    kind = d.type("T2")
    window = d.tensor(2, (frame,), "positive") if d.chance(0.6) else None
    size = np.array(frame, kind) if window is None or d.chance(0.5) else None
    return d.case([x, np.array(step, kind), window, size], d.attributes(onesided=d.integer(0, 1)), atol=1e-4, constants=frozenset([1, 3]))


@draws("BlackmanWindow", "HammingWindow", "HannWindow")
def windows(d):
    """Periodic and symmetric, every output type."""
    import onnx.helper as helper

    size = np.array(d.integer(1 if d.chance(0.1) else 2, 12), d.type("T1"))
    target = d.type("T2")
    return d.case([size], d.attributes(periodic=d.integer(0, 1), output_datatype=helper.np_dtype_to_tensor_dtype(target)), atol=1e-6)


@draws("MelWeightMatrix")
def mel(d):
    """Few bins."""
    import onnx.helper as helper

    kind, edge = d.type("T1"), d.type("T2")
    rate = d.pick((8000, 16000, 8192))
    low = d.pick((0, 20, 300))
    values = [np.array(value, kind) for value in (d.integer(2, 8), d.pick((16, 32, 64)), rate)]
    return d.case(
        [*values, np.array(low, edge), np.array(rate // 2, edge)],
        d.attributes(output_datatype=helper.np_dtype_to_tensor_dtype(d.type("T3"))),
        atol=1e-5,
    )
