"""RNN, GRU and LSTM."""

import numpy as np

from differential_cases.case import draws

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": 1, "GRU": 2, "LSTM": 3}


@draws("RNN", "GRU", "LSTM")
def recurrent(d):
    """All directions, lengths, first states, peepholes, activations, clipping, both layouts."""
    direction = d.pick(("forward", "reverse", "bidirectional"))
    ways, gates = (2 if direction == "bidirectional" else 1), GATES[d.op]
    length, batch, size, hidden = d.integer(1, 5), d.integer(1, 3), d.integer(1, 4), d.integer(1, 4)
    layout = 1 if d.version >= 14 and d.chance(0.25) else 0
    x = d.tensor(0, (batch, length, size) if layout else (length, batch, size), "unit")
    state = (batch, ways, hidden) if layout else (ways, batch, hidden)
    inputs = [x, d.tensor(1, (ways, gates * hidden, size), "unit"), d.tensor(2, (ways, gates * hidden, hidden), "unit")]
    inputs.append(d.tensor(3, (ways, 2 * gates * hidden), "unit") if d.chance(0.6) else None)
    inputs.append(d.rng.integers(1, length + 1, batch).astype(np.int32) if d.chance(0.4) else None)
    inputs.append(d.tensor(0, state, "unit") if d.chance(0.5) else None)
    if d.op == "LSTM":
        inputs.append(d.tensor(0, state, "unit") if d.chance(0.5) else None)
        inputs.append(d.tensor(0, (ways, 3 * hidden), "unit") if d.chance(0.3) else None)
    attributes = {"hidden_size": hidden, **({"direction": direction} if direction != "forward" or d.chance(0.3) else {})}
    if layout:
        attributes["layout"] = 1
    if d.chance(0.2):
        attributes["activations"] = [d.pick(("Tanh", "Sigmoid", "Relu", "Softsign")) for _ in range(ways * FUNCTIONS[d.op])]
    if d.chance(0.2):
        attributes["clip"] = 0.5
    if d.op == "GRU":
        attributes |= d.attributes(linear_before_reset=d.integer(0, 1))
    if d.op == "LSTM" and d.chance(0.15):
        attributes["input_forget"] = 1
    if d.version < 7:
        attributes["output_sequence"] = 1
    return d.case(inputs, attributes, outputs=d.integer(1, 3 if d.op == "LSTM" else 2), atol=1e-5)
