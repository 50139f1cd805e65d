"""What attention blocks computed in one run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from . import _html

__all__ = ["Attention", "BlockAttention"]


class BlockAttention:
    """An attention block and its gates and maps in one run. What each kind's arrays hold says docs/attention.md."""

    def __init__(self, facts: dict[str, Any], gates: list[np.ndarray], maps: list[np.ndarray]) -> None:
        self.facts = facts
        """What `onyx attention --json` says of the block: channels, reduction, heads, parameters and so on."""
        self.gates = gates
        """A weight for each channel, place or branch."""
        self.maps = maps
        """A weight for each place, or for each pair of query and key."""

    @property
    def name(self) -> str:
        """The module that the block is: "stage1.attention"."""
        return str(self.facts["name"])

    @property
    def kind(self) -> str:
        """ "SE", "CBAM", "ECA", "Self" and so on."""
        return str(self.facts["kind"])

    @property
    def gate(self) -> np.ndarray | None:
        """The first gate; None of a block without one."""
        return self.gates[0] if self.gates else None

    @property
    def map(self) -> np.ndarray | None:
        """The first map; None of a block without one."""
        return self.maps[0] if self.maps else None

    def __repr__(self) -> str:
        parts = [f"gate {list(gate.shape)}" for gate in self.gates] + [f"map {list(weights.shape)}" for weights in self.maps]
        return f"<{self.kind} {self.name}: {', '.join(parts) or 'no weights'}>"

    def _repr_html_(self) -> str:
        return _html.attention([self])


class Attention(list[BlockAttention]):
    """The attention blocks of a model in the order of the graph; by number, or by name."""

    def __init__(self, blocks: Iterable[BlockAttention] = ()) -> None:
        super().__init__(blocks)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        for block in self:
            if block.name == key:
                return block
        raise KeyError(f"There is no attention block '{key}'. There are: {', '.join(block.name for block in self)}.")

    def html(self) -> str:
        """A page that needs nothing else: each block with bars of its gates and pictures of its maps."""
        return _html.page("Attention", _html.attention(self))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the page."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.html())

    def _repr_html_(self) -> str:
        return _html.attention(self)
