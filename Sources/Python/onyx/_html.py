"""Reports as HTML, for notebooks and for files; nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ._attention import BlockAttention

_STYLE = """
.onyx { font: 13px/1.45 system-ui, sans-serif; color-scheme: light dark; }
.onyx table { border-collapse: collapse; margin: .6em 0; }
.onyx th, .onyx td { padding: .15em .9em .15em 0; text-align: left; vertical-align: top; }
.onyx th { border-bottom: 1px solid currentColor; font-weight: 600; }
.onyx td.number, .onyx th.number { text-align: right; font-variant-numeric: tabular-nums; }
.onyx figure { display: inline-block; margin: .4em 1.2em .4em 0; }
.onyx figcaption { opacity: .75; }
.onyx img { image-rendering: pixelated; width: 168px; }
.onyx h3 { font-size: 1em; margin: 1em 0 .2em; }
"""
_CHANNELS = 256
_PICTURES = 8
_SIDE = 256
_ROWS = 400


def page(title: str, body: str) -> str:
    """A whole document."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n<body>{body}</body></html>\n'
    )


def _part(body: str) -> str:
    return f'<div class="onyx"><style>{_STYLE}</style>{body}</div>'


def _quantity(number: float) -> str:
    for factor, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= factor:
            return f"{number / factor:.3g}{unit}"
    return f"{number:g}"


def _table(heads: Sequence[tuple[str, bool]], rows: Iterable[Sequence[Any]]) -> str:
    def cells(tag: str, row: Sequence[Any]) -> str:
        return "".join(
            f'<{tag} class="number">{escape(str(text))}</{tag}>' if is_number else f"<{tag}>{escape(str(text))}</{tag}>"
            for text, (_, is_number) in zip(row, heads)
        )

    rows = list(rows)
    more = f"<p>… and {len(rows) - _ROWS} more.</p>" if len(rows) > _ROWS else ""
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows[:_ROWS])
    return f"<table><tr>{cells('th', [head for head, _ in heads])}</tr>{body}</table>{more}"


def _ports(title: str, ports: list[dict[str, Any]]) -> str:
    texts = [f"{port['name']}: {port.get('type')}{_shape(port.get('shape'))}" for port in ports]
    return f"<p><b>{title}</b> {escape(', '.join(texts))}</p>"


def _shape(shape: Any) -> str:
    return "" if shape is None else "[" + ",".join(str(extent) for extent in shape) + "]"


def summary(facts: dict[str, Any]) -> str:
    """Inputs, totals, attention blocks and nodes."""
    totals = facts.get("totals", {})
    blocks = facts.get("attention") or []
    heads = [("operator", False), ("name", False), ("output shape", False), ("parameters", True), ("MACs", True)]
    nodes = (
        (node["op"], node.get("name") or "", _shape(node.get("shape")), _quantity(node["params"] or 0), _quantity(node["macs"] or 0))
        for node in facts.get("nodes", [])
    )
    parts = [
        _ports("inputs", facts.get("inputs", [])),
        _ports("outputs", facts.get("outputs", [])),
        f"<p>{_quantity(totals.get('params', 0))} parameters, {_quantity(totals.get('macs', 0))} multiply-accumulates</p>",
    ]
    if blocks:
        columns = [("attention", False), ("kind", False), ("channels", True), ("parameters", True), ("MACs", True)]
        parts.append(
            _table(
                columns,
                ((b["name"], b["kind"], b.get("channels") or "", _quantity(b["params"]), _quantity(b["macs"])) for b in blocks),
            )
        )
    parts.append(_table(heads, nodes))
    return _part("".join(parts))


def coverage(facts: dict[str, Any]) -> str:
    """The operators of a model."""
    heads = [("operator", False), ("opset", True), ("nodes", True), ("supported", False), ("fast for", False)]
    rows = (
        (o["op"], o["opset"], o["count"], "yes" if o["supported"] else o.get("reason") or "no", " ".join(o.get("fast_types") or []))
        for o in facts["operators"]
    )
    return _part(_table(heads, rows))


def attention(blocks: Iterable[BlockAttention]) -> str:
    """Bars for the gates of the first image, pictures for its maps."""
    parts = []
    for block in blocks:
        parts.append(f"<h3>{escape(block.name)} <small>{escape(block.kind)}</small></h3>")
        for title, arrays in (("gate", block.gates), ("map", block.maps)):
            for number, array in enumerate(arrays):
                parts += _figures(f"{title} {number + 1}" if len(arrays) > 1 else title, array)
    return _part("".join(parts) or "<p>The model has no attention blocks.</p>")


def _figures(title: str, array: np.ndarray) -> list[str]:
    values = np.asarray(array, dtype=np.float64)
    caption = f"{title} {list(array.shape)}: {values.min():.3g} to {values.max():.3g}" if values.size else f"{title} {list(array.shape)}"
    if not values.size:
        return [f"<p>{escape(caption)}</p>"]
    # Behind images and heads the last two axes are a picture, unless they are those of a channel.
    if values.ndim >= 3 and values.shape[-1] > 1 and values.shape[-2] > 1:
        planes = values.reshape(-1, *values.shape[-2:])
        drawn = "".join(f'<img alt="{escape(title)}" src="{_picture(plane)}">' for plane in planes[:_PICTURES])
    else:
        first = values.reshape(values.shape[0], -1)[0] if values.ndim > 1 else values
        drawn = _bars(first[:_CHANNELS])
    return [f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"]


def _bars(values: np.ndarray) -> str:
    largest = max(float(np.nanmax(np.abs(values))), 1e-12)
    width = max(2, min(12, 640 // max(len(values), 1)))
    bars = "".join(
        f'<rect x="{index * width}" y="{60 - 60 * abs(value) / largest:.1f}" width="{width - 1}" height="{60 * abs(value) / largest:.1f}">'
        f"<title>channel {index}: {value:.4g}</title></rect>"
        for index, value in enumerate(values.tolist())
    )
    return f'<svg width="{width * len(values)}" height="60" fill="#3b6fb6" role="img">{bars}</svg>'


# Viridis at five places, between which colours are mixed.
_COLOURS = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], dtype=np.float64)


def _picture(plane: np.ndarray) -> str:
    """A plane of numbers as a PNG, smallest dark, largest bright."""
    rows, columns = (-(-extent // _SIDE) for extent in plane.shape)
    plane = np.nan_to_num(plane[::rows, ::columns])
    span = plane.max() - plane.min()
    place = (plane - plane.min()) / span * (len(_COLOURS) - 1) if span > 0 else np.zeros_like(plane)
    low = np.minimum(place.astype(int), len(_COLOURS) - 2)
    part = (place - low)[..., None]
    pixels = np.rint(_COLOURS[low] * (1 - part) + _COLOURS[low + 1] * part).astype(np.uint8)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width = plane.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
