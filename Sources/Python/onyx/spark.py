"""Onyx in Apache Spark: a function of columns that runs a model on batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._session import InferenceSession, _source
from ._types import STRING, dtype_of


def make_predict(
    source: str | bytes, inputs: Sequence[str] | None, output: str | None, options: dict[str, Any]
) -> Callable[..., np.ndarray]:
    """What an executor calls once: a session, as a function of one batch for each input that returns the output."""
    session = InferenceSession(source, **options)
    ports = {port[0]: port for port in session._input_ports}
    names = list(inputs) if inputs else [port.name for port in session.get_inputs()]
    wanted = [output] if output else [session.get_outputs()[0].name]

    def predict(*columns: np.ndarray) -> np.ndarray:
        feed = {}
        for name, column in zip(names, columns, strict=True):
            element = ports[name][3]
            # Spark knows no float16 and few integers: columns become what the model takes.
            feed[name] = column if element in (0, STRING) else np.asarray(column).astype(dtype_of(element), copy=False)
        return np.asarray(session.run(wanted, feed)[0])

    return predict


def predict_udf(
    model: str | bytes | os.PathLike[str] | Any,
    return_type: Any,
    *,
    batch_size: int = 64,
    input_tensor_shapes: Sequence[Sequence[int] | None] | None = None,
    inputs: Sequence[str] | None = None,
    output: str | None = None,
    threads: int = 1,
    **options: Any,
) -> Any:
    """A Spark function of columns, one for each input of the model, that gives an output of the model.

    model: a path, which must be there on every executor, or bytes, which are sent along.
    return_type: Spark's type of the output of one row: `FloatType()`, `ArrayType(FloatType())`.
    input_tensor_shapes: the shape of one row of each column of arrays.
    inputs, output: names of the inputs in the order of the columns, and of the output; otherwise all inputs and the first output.
    threads, options: as `InferenceSession` has them. One thread leaves the other processors to other tasks.
    """
    from pyspark.ml.functions import predict_batch_udf  # type: ignore[import-not-found, unused-ignore]

    source = _source(model)
    given = {"threads": threads, **options}
    return predict_batch_udf(
        lambda: make_predict(source, inputs, output, given),
        return_type=return_type,
        batch_size=batch_size,
        input_tensor_shapes=[list(shape) if shape is not None else None for shape in input_tensor_shapes] if input_tensor_shapes else None,
    )


__all__ = ["make_predict", "predict_udf"]
