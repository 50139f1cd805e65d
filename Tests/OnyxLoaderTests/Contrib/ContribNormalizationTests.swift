import OnyxGraph
import OnyxTensor
import Testing

/// Activations, normalizations and embeddings. Expected numbers: ONNX Runtime 1.32.0, CPU, unless a case says otherwise.
struct ContribNormalizationTests {
  @Test(arguments: activations + normalizations + embeddings) func givesTheNumbersOfONNXRuntime(_ test: ContribCase) throws {
    try test.run()
  }

  static let activations: [ContribCase] = [
    ContribCase(
      "Gelu", [numbers(.float32, [-1.875, -1.875, 1.375, -0.125, 0.375, 0.5], [2, 3])], [:],
      gives: [numbers(.float32, [-0.056993198, -0.056993198, 1.2587221, -0.05628272, 0.24231367, 0.34573123], [2, 3])]),
    ContribCase(
      "FastGelu", [numbers(.float32, [-1.875, -1.875, 1.375, -0.125, 0.375, 0.5], [2, 3])], [:],
      gives: [numbers(.float32, [-0.05700091, -0.05700091, 1.2584885, -0.056282803, 0.24230777, 0.345714], [2, 3])]),
    ContribCase(
      "FastGelu", [numbers(.float32, [-1.875, -1.875, 1.375, -0.125, 0.375, 0.5], [2, 3]), numbers(.float32, [0.5, -1, 0], [3])], [:],
      gives: [numbers(.float32, [-0.11651141, -0.005357247, 1.2584885, 0.24230777, -0.16627885, 0.345714], [2, 3])], note: "bias"),
    ContribCase(
      "BiasGelu",
      [numbers(.float32, [-1.875, -1.875, 1.375, -0.125, 0.375, 0.5], [2, 3]), numbers(.float32, [-0.75, -0.25, 0.875], [3])], [:],
      gives: [numbers(.float32, [-0.011372611, -0.035685785, 2.222495, -0.16693856, 0.06871728, 1.2587221], [2, 3])]),
    ContribCase(
      "QuickGelu", [numbers(.float32, [-1.875, -1.875, 1.375, -0.125, 0.375, 0.5], [2, 3])], [:],
      gives: [numbers(.float32, [-0.07405557, -0.07405557, 1.2542148, -0.055876527, 0.24538416, 0.3503884], [2, 3])]),
    ContribCase(
      "QuickGelu", [numbers(.float32, [-1.875, -1.875, 1.375, -0.125, 0.375, 0.5], [2, 3])], ["alpha": .float(1.0)],
      gives: [numbers(.float32, [-0.24930792, -0.24930792, 1.0975068, -0.058598828, 0.22224998, 0.31122965], [2, 3])]),
    ContribCase(
      "BiasSplitGelu",
      [numbers(.float32, [0.125, -0.875, 0.125, -0.75, 0.5, 1, 1, 0.25], [1, 2, 4]), numbers(.float32, [0.75, -0.25, -0.75, 0], [4])], [:],
      gives: [numbers(.float32, [-0.14546083, 0.19121683, 0.18709573, 0.112257436], [1, 2, 2])], note: "from numpy: no CPU kernel"),
  ]

  static let normalizations: [ContribCase] = [
    ContribCase(
      "SimplifiedLayerNormalization",
      [
        numbers(.float32, [-0.125, 0.375, 1, -0.5, 0.75, -0.75, -0.375, 0.625], [1, 2, 4]),
        numbers(.float32, [-0.5, 0.375, -0.125, 0], [4]),
      ], ["epsilon": .float(0.001)],
      gives: [
        numbers(.float32, [0.10525966, 0.23683423, -0.21051931, -0, -0.5820691, -0.4365518, 0.07275864, 0], [1, 2, 4]),
        numbers(.float32, [1.6841545, 1.5521842], [1, 2, 1]),
      ], domain: ""),
    ContribCase(
      "SkipLayerNormalization",
      [
        numbers(.float32, [-0.125, 0.375, 1, -0.5, 0.75, -0.75, -0.375, 0.625], [1, 2, 4]),
        numbers(.float32, [1, 0.625, 0.75, 0.125, 1, 1, -0.75, -0.625], [1, 2, 4]), numbers(.float32, [-0.375, 0.125, 0.75, 0], [4]),
        numbers(.float32, [1, -0.25, 0.875, 0.25], [4]), numbers(.float32, [0.5, -0.5, 0.25, 0.625], [4]),
      ], ["epsilon": .float(0.01)],
      gives: [
        numbers(.float32, [0.81720567, -0.34416676, 1.9052953, 0.25, 0.42326963, -0.32291993, 0.039735317, 0.25], [1, 2, 4]), nil, nil,
        numbers(.float32, [1.375, 0.5, 2, 0.25, 2.25, -0.25, -0.875, 0.625], [1, 2, 4]),
      ]),
    ContribCase(
      "SkipLayerNormalization",
      [
        numbers(
          .float32, [0.875, 0.75, 1, -0.75, 0.625, -0.125, 0.375, -0.5, -1, -0.875, 1, 0.875, -0.375, -0.125, -0.5, -0.75], [2, 2, 4]),
        numbers(.float32, [0.75, 0.375, -0.875, -0.625, 0.125, 0.875, 1, -0.625], [2, 4]),
        numbers(.float32, [0.25, -1, -0.75, -0.625], [4]),
      ], [:],
      gives: [
        numbers(
          .float32,
          [
            0.27277234, -0.65465367, 0.16366342, 0.9547032, 0.083333336, -0.33333334, -0.75, 1.0416666, -0.1310356, 1.3627702, -0.5503495,
            -0.7206958, -0.04727934, -1.0212337, -0.5389844, 0.9692264,
          ], [2, 2, 4])
      ], note: "a skip of rank 2"),
    ContribCase(
      "SkipSimplifiedLayerNormalization",
      [
        numbers(.float32, [-0.125, 0.375, 1, -0.5, 0.75, -0.75, -0.375, 0.625], [1, 2, 4]),
        numbers(.float32, [-0.125, -0.375, 0.5, -0.125, -0.375, 0.875, 0.25, 0.375], [1, 2, 4]),
        numbers(.float32, [0.5, -0.375, 0.875, -1], [4]), numbers(.float32, [-0.375, -0.75, -1, 1], [4]),
      ], ["epsilon": .float(0.01)],
      gives: [
        numbers(.float32, [-0.53131396, 0.47818252, 0.7438395, -0.6375767, 0, 0.19640239, -0.82489, -1.675967], [1, 2, 4]), nil, nil,
        numbers(.float32, [-0.625, -0.75, 0.5, 0.375, 0, -0.625, -1.125, 2], [1, 2, 4]),
      ]),
    ContribCase(
      "SkipSimplifiedLayerNormalization",
      [
        numbers(.float32, [-0.125, 0.375, 1, -0.5, 0.75, -0.75, -0.375, 0.625], [1, 2, 4]),
        numbers(.float32, [-0.875, -0.125, 0.625, 0.375, 0.75, -1, 0, -1], [1, 2, 4]),
        numbers(.float32, [-0.625, 0.75, -0.875, 0.125], [4]),
      ], [:],
      gives: [
        numbers(.float32, [0.64820373, 0.1944611, -1.4746635, -0.016205093, -0.7927747, -1.1098845, 0.27747115, -0.039638735], [1, 2, 4])
      ]),
  ]

  static let embeddings: [ContribCase] = [
    ContribCase(
      "EmbedLayerNormalization",
      [
        numbers(.int32, [1, 3, 0], [1, 3]), numbers(.int32, [0, 1, 1], [1, 3]),
        numbers(.float32, [-1, -0.375, 0.875, -0.375, -0.375, -0.875, 0.625, -0.75], [4, 2]),
        numbers(.float32, [0, -1, -1, 0.75, -1, -0.125, -0.125, -0.75, 0.25, 0.5], [5, 2]),
        numbers(.float32, [1, -0.625, 0.875, -0.875], [2, 2]), numbers(.float32, [-0.75, 0.25], [2]),
        numbers(.float32, [0.75, 0.875], [2]), numbers(.int32, [1, 1, 0], [1, 3]),
      ], ["epsilon": .float(0.01)],
      gives: [
        numbers(.float32, [0.0009969473, 0.62533236, 0.007810116, 0.6276034, 0.16434842, 0.6797828], [1, 3, 2]), numbers(.int32, [2], [1]),
        numbers(.float32, [1.875, -2, 0.5, -0.875, -1.125, -1.375], [1, 3, 2]),
      ]),
    ContribCase(
      "EmbedLayerNormalization",
      [
        numbers(.int32, [1, 3, 0], [1, 3]), nil, numbers(.float32, [0.5, -1, -0.125, 0.625, 0, -0.625, 0.375, -0.875], [4, 2]),
        numbers(.float32, [0.375, -1, -0.25, -0.5, 0.875, 0.5, 0.375, 0, -0.5, 0.75], [5, 2]), nil, numbers(.float32, [1, -0.625], [2]),
        numbers(.float32, [-0.5, -0.375], [2]), nil, numbers(.int32, [4, 0, 2], [1, 3]),
      ], ["epsilon": .float(0.01)],
      gives: [
        numbers(.float32, [-1.4950371, -0.99689823, 0.49711013, 0.24819386, 0.49435925, 0.2464745], [1, 3, 2]), numbers(.int32, [0], [1]),
      ], note: "position ids"),
    ContribCase(
      "QEmbedLayerNormalization",
      [
        numbers(.int32, [1, 3, 0], [1, 3]), numbers(.int32, [0, 1, 1], [1, 3]),
        numbers(.uint8, [122, 66, 103, 250, 94, 240, 128, 87], [4, 2]),
        numbers(.uint8, [239, 111, 198, 80, 255, 191, 224, 10, 27, 17], [5, 2]), numbers(.uint8, [136, 103, 250, 62], [2, 2]),
        numbers(.uint8, [43, 216], [2]), numbers(.uint8, [77, 189], [2]), numbers(.int32, [1, 1, 0], [1, 3]), numbers(.float32, [0.01], []),
        numbers(.float32, [0.02], []), numbers(.float32, [0.03], []), numbers(.float32, [0.02], []), numbers(.float32, [0.01], []),
        numbers(.uint8, [128], []), numbers(.uint8, [120], []), numbers(.uint8, [130], []), numbers(.uint8, [100], []),
        numbers(.uint8, [140], []),
      ], ["epsilon": .float(0.01)],
      gives: [
        numbers(.float32, [-1.7647662, -1.8193488, -1.7696778, -1.8293443, -1.7695926, -1.829171], [1, 3, 2]), numbers(.int32, [2], [1]),
      ]),
  ]
}
