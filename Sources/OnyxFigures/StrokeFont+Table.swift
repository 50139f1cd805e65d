extension StrokeFont {
  /// The glyphs in the form that `decode` reads.
  static let table: [Character: String] = [
    "0": "2d0f0l2n4n6l6f4d2d", "1": "0l3n3d", "2": "0l2n4n6l6j0d6d", "3": "0m1n4n6l6k4i2i 4i6g6f4d1d0e", "4": "5d5n0g7g",
    "5": "6n1n0i4j6h6f4d1d0e", "6": "5n3n0j0f2d4d6f6h4j2j0h", "7": "0n6n2d", "8": "2i0k0l2n4n6l6k4i2i0g0f2d4d6f6g4i",
    "9": "6j4h2h0j0l2n4n6l6g3d1d", ".": "0d1d1e0e0d", ",": "1e1d0b", "-": "0i4i", "+": "0i6i 3f3l", "_": "0b6b", "/": "0c5n",
    ":": "0d0e 0i0j",
    ";": "1i1j 1e1d0b", "(": "2o0k0e2b", ")": "0o2k2e0b", "[": "2o0o0b2b", "]": "0o2o2b0b", "{": "3o2n2j0i2h2c3b", "}": "0o1n1j3i1h1c0b",
    "%": "0d7n 1n0m0l1k2l2m1n 6d5e5f6g7f7e6d", "=": "0g6g 0k6k", "#": "1d3n 4d6n 0k7k 0g7g", "*": "3l3f 0k6g 0g6k", "!": "0n0g 0d0e",
    "?": "0l2n4n6l6k3h3g 3d3e", "'": "0n0l", "<": "5k0h5e", ">": "0k5h0e", "|": "0o0b", "~": "0h2j4h6j", "&": "7d1l2n4n5l0g1d4d7h",
    "@": "5g3g2i3k5k5g7g8j6n2n0k0f2d7d", "$": "6l4n2n0l1j5h6f4d2d0f 3o3c", "^": "0k3n6k", "`": "0n1l", "×": "0e6k 0k6e", "·": "0i1i1j0j0i",
    "–": "0i5i", "—": "0i8i", "…": "0d1d 3d4d 6d7d", "→": "0i8i 5l8i5f", "±": "0k6k 3h3n 0e6e", "−": "0i6i", "A": "0d3n6d 1g5g",
    "B": "0d0n4n6l6k4i0i 4i6g6f4d0d", "C": "6l4n2n0l0f2d4d6f", "D": "0d0n4n6l6f4d0d", "E": "6n0n0d6d 0i4i", "F": "6n0n0d 0i4i",
    "G": "6l4n2n0l0f2d4d6f6i4i", "H": "0d0n 6d6n 0i6i", "I": "0d0n", "J": "4n4f2d1d0e", "K": "0d0n 6n0h 2j6d", "L": "0n0d5d",
    "M": "0d0n4g8n8d",
    "N": "0d0n6d6n", "O": "2d0g0k2n5n7k7g5d2d", "P": "0d0n4n6l6j4h0h", "Q": "2d0g0k2n5n7k7g5d2d 4g7c", "R": "0d0n4n6l6j4h0h 3h6d",
    "S": "6l4n2n0l0k2i4i6g6f4d2d0f", "T": "0n6n 3n3d", "U": "0n0f2d4d6f6n", "V": "0n3d6n", "W": "0n2d4m6d8n", "X": "0d6n 0n6d",
    "Y": "0n3i6n 3i3d", "Z": "0n6n0d6d", "a": "0j1k3k5j5d 5h2h0g0e1d3d5f", "b": "0n0d 0i2k4k5j5e4d2d0f", "c": "5j3k2k0i0f2d3d5e",
    "d": "5n5d 5i3k1k0j0e1d3d5f", "e": "0h5h5i3k2k0i0f2d4d5e", "f": "4n3n2m2d 0k4k", "g": "5k5b4a1a0b 5i3k1k0j0f1e3e5g",
    "h": "0n0d 0i2k4k5j5d",
    "i": "0d0k 0m0n", "j": "1k1b0a 1m1n", "k": "0n0d 4k0g 2h5d", "l": "0n0e1d", "m": "0k0d 0i2k3k4j4d 4i6k7k8j8d", "n": "0k0d 0i2k4k5j5d",
    "o": "2d0f0i2k3k5i5f3d2d", "p": "0k0a 0i2k4k5j5e4d2d0f", "q": "5k5a 5i3k1k0j0e1d3d5f", "r": "0k0d 0i2k4k",
    "s": "5j4k1k0j0i1h4h5g5e4d1d0e",
    "t": "2n2e3d4d 0k4k", "u": "0k0e1d3d5f 5k5d", "v": "0k3d6k", "w": "0k2d4j6d8k", "x": "0d5k 0k5d", "y": "0k3d 6k2b0a", "z": "0k5k0d5d",
  ]
}
