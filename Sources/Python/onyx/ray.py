"""Onyx in Ray Data: a class for `Dataset.map_batches`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._session import InferenceSession
from ._types import STRING, dtype_of


class Predictor:
    """Adds a model's outputs to batches of columns.

    `dataset.map_batches(onyx.ray.Predictor, fn_constructor_args=(model,), compute=ray.data.ActorPoolStrategy(size=2))` makes one session
    in each actor.

    model: a path, which must be there on every node, or bytes, which are sent along.
    inputs: the column of each input; otherwise columns have the names of inputs.
    outputs: the column for each output that is wanted; otherwise all, by their names.
    threads, options: as `InferenceSession` has them. One thread leaves the other processors to other actors.
    """

    def __init__(
        self,
        model: str | bytes | os.PathLike[str] | Any,
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
        *,
        threads: int = 1,
        **options: Any,
    ) -> None:
        self.session = InferenceSession(model, threads=threads, **options)
        self._inputs = dict(inputs) if inputs else {port.name: port.name for port in self.session.get_inputs()}
        self._outputs = dict(outputs) if outputs else {port.name: port.name for port in self.session.get_outputs()}
        self._elements = {port[0]: port[3] for port in self.session._input_ports}

    def __call__(self, batch: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """The batch with the outputs as columns of their own."""
        feed = {}
        for name, column in self._inputs.items():
            values, element = np.asarray(batch[column]), self._elements[name]
            feed[name] = values if element in (0, STRING) else values.astype(dtype_of(element), copy=False)
        results = self.session.run(list(self._outputs), feed)
        return {**batch, **dict(zip(self._outputs.values(), results))}


__all__ = ["Predictor"]
