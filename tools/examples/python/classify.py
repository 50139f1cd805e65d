"""Classifies a picture, shows the strongest gates of each attention block, and prints the summary of the model.

usage: classify.py MODEL LABELS PICTURE
"""

import sys

import numpy as np
import onyx

model, labels, picture = sys.argv[1:4]
session = onyx.InferenceSession(model)
feed = {session.get_inputs()[0].name: onyx.image(picture, session)}

logits = session.run(None, feed)[0][0]
shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
names = open(labels, encoding="utf-8").read().splitlines()
for place in np.argsort(-shares)[:3]:
    print(f"{names[place]} {shares[place]:.1%}")
for block in session.attention(feed):
    strongest = np.argsort(-block.gate.reshape(-1))[:3]
    print(f"{block.name} ({block.kind}): channels {', '.join(map(str, strongest))}")
print(session.summary())
