"""Classifies a picture, shows the strongest gates of each attention block, and prints the summary of the model.

usage: classify.py MODEL LABELS PICTURE
"""

import sys

import numpy as np
import onyx
from PIL import Image

model, labels, picture = sys.argv[1:4]
session = onyx.InferenceSession(model)
_, channels, height, width = session.get_inputs()[0].shape
image = Image.open(picture).convert("L" if channels == 1 else "RGB").resize((width, height))
pixels = np.asarray(image, np.float32).reshape(1, height, width, channels).transpose(0, 3, 1, 2) / 255
feed = {session.get_inputs()[0].name: pixels}

logits = session.run(None, feed)[0][0]
shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
names = open(labels, encoding="utf-8").read().splitlines()
for place in np.argsort(-shares)[:3]:
    print(f"{names[place]} {shares[place]:.1%}")
for block in session.attention(feed):
    strongest = np.argsort(-block.gate.reshape(-1))[:3]
    print(f"{block.name} ({block.kind}): channels {', '.join(map(str, strongest))}")
print(session.summary())
