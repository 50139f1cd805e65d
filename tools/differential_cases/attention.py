"""Attention, rotary embeddings, linear attention."""

import numpy as np

from differential_cases.case import draws


@draws("Attention")
def attention(d):
    """Both layouts, grouped heads, masks, causal, soft caps, a cache."""
    batch, groups, per = d.integer(1, 2), d.integer(1, 2), d.integer(1, 2)
    heads, q, kv, width, value = groups * per, d.integer(1, 5), d.integer(1, 6), d.integer(1, 4), d.integer(1, 4)
    flat = d.chance(0.4)

    def shape(head, length, size):
        return (batch, length, head * size) if flat else (batch, head, length, size)

    inputs = [
        d.tensor(0, shape(heads, q, width), "unit"),
        d.tensor(1, shape(groups, kv, width), "unit"),
        d.tensor(2, shape(groups, kv, value), "unit"),
        None,
        None,
        None,
    ]
    past = d.integer(1, 3) if d.chance(0.3) else 0
    if d.chance(0.4):
        kind = d.type("U")
        total = (q, kv + past)
        mask = d.pick((total, (1, 1, *total), (batch, heads, *total), (batch, 1, *total)))
        inputs[3] = d.rng.random(mask) < 0.8 if kind.kind == "b" else d.tensor(kind, mask, "unit")
        if kind.kind == "b":
            inputs[3][..., 0] = True
    outputs = 1
    if past:
        inputs[4:] = [d.tensor(0, (batch, groups, past, width), "unit"), d.tensor(2, (batch, groups, past, value), "unit")]
        outputs = 3
    attributes = d.attributes({"q_num_heads": heads, "kv_num_heads": groups} if flat else {}, scale=0.3)
    if d.chance(0.3):
        attributes["is_causal"] = 1
    if d.chance(0.2):
        attributes["softcap"] = 2.0
    if d.chance(0.15):
        attributes["qk_matmul_output_mode"], outputs = d.integer(0, 3), 4
        if not past:
            outputs = 1
            attributes.pop("qk_matmul_output_mode")
    return d.case(inputs, attributes, outputs=outputs, atol=1e-5)


@draws("RotaryEmbedding")
def rotary(d):
    """Both layouts, interleaved or not, part of the head or all."""
    batch, heads, length, width = d.integer(1, 2), d.integer(1, 3), d.integer(1, 4), 2 * d.integer(1, 4)
    turned = 2 * d.integer(1, width // 2) if d.chance(0.3) else 0
    flat, most = d.chance(0.4), d.integer(4, 6)
    half = (turned or width) // 2
    x = d.tensor(0, (batch, length, heads * width) if flat else (batch, heads, length, width), "plain")
    places = d.chance(0.6)
    angles = d.rng.uniform(-3, 3, (most, half) if places else (batch, length, half))
    inputs = [x, np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)]
    if places:
        inputs.append(d.rng.integers(0, most, (batch, length)))
    attributes = {"interleaved": d.integer(0, 1), **({"num_heads": heads} if flat else {})}
    if turned:
        attributes |= {"rotary_embedding_dim": turned, "num_heads": heads}
    return d.case(inputs, attributes, atol=1e-5)
