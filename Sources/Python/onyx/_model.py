"""What a model is, without running it."""

from __future__ import annotations

import json
import os
from typing import Any

from . import _html, _onyx

__all__ = ["Coverage", "Model", "Summary"]


class _Report(dict[str, Any]):
    """A report as the command line's --json prints it; `str()` is the table that it prints for people."""

    def __init__(self, facts: dict[str, Any], text: str) -> None:
        super().__init__(facts)
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self), self.text)


class Summary(_Report):
    """Nodes, shapes, parameters, multiply-accumulates, modules and attention blocks of a model."""

    def _repr_html_(self) -> str:
        return _html.summary(self)


class Coverage(_Report):
    """The operators of a model, and which of them Onyx has."""

    @property
    def missing(self) -> list[str]:
        """The operators that Onyx lacks."""
        return [_name(operator) for operator in self["operators"] if not operator["supported"]]

    @property
    def is_supported(self) -> bool:
        """Whether Onyx has every operator."""
        return not self.missing

    def _repr_html_(self) -> str:
        return _html.coverage(self)


def _name(operator: dict[str, Any]) -> str:
    return operator["op"] if operator["domain"] == "ai.onnx" else f"{operator['domain']}.{operator['op']}"


class Model:
    """A model file: what can be told of it without running it, whether Onyx has its operators or not.

    path_or_bytes: a path, a `pathlib.Path`, the bytes of a model, or an `onnx.ModelProto`.
    """

    def __init__(self, path_or_bytes: Any) -> None:
        from ._session import _source

        self._source = _source(path_or_bytes)
        self._report("metadata")

    def _report(self, kind: str) -> str:
        if isinstance(self._source, str):
            return _onyx.report_path(os.fsencode(self._source), kind)
        return _onyx.report_bytes(self._source, None, kind)

    def summary(self) -> Summary:
        """Nodes, shapes, parameters, multiply-accumulates, modules and attention blocks."""
        return Summary(json.loads(self._report("summary")), self._report("summary_text"))

    def coverage(self) -> Coverage:
        """The operators of the model, and which of them Onyx has."""
        return Coverage(json.loads(self._report("coverage")), self._report("coverage_text"))

    def attention_blocks(self) -> list[dict[str, Any]]:
        """The attention blocks: what each is and costs, and the names of its gates and maps."""
        return list(json.loads(self._report("attention")))

    def metadata(self) -> dict[str, Any]:
        """Producer, version, operator sets, properties, inputs and outputs."""
        return dict(json.loads(self._report("metadata")))

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()
