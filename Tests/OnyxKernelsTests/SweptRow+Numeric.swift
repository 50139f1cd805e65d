import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

extension SweptRow {
  private static func noise(_ type: ElementType, _ shape: Shape, seed: UInt64 = 1) throws -> NodeCase.Input {
    .given(try Tensor.random(type, shape, in: -2...2, seed: seed))
  }

  /// Equations of products and copies alone.
  private static let products: [(String, [Shape])] = [
    ("ij->ji", [[3, 4]]), ("bij, bjk -> bik", [[5, 2, 3], [5, 3, 4]]), ("bhid,bhjd->bhij", [[2, 3, 9, 8], [2, 3, 7, 8]]),
    ("bnhd,bmhd->bhnm", [[2, 9, 3, 8], [2, 7, 3, 8]]), ("bid,dh->bih", [[2, 5, 6], [6, 7]]), ("ab,bc,cd->ad", [[3, 5], [5, 4], [4, 6]]),
    ("...ij,...jk->...ik", [[2, 3, 4, 5], [3, 5, 6]]), ("ij,jk->ki", [[70, 130], [130, 67]]),
    ("bij,bjk->bik", [[9, 33, 40], [9, 40, 65]]),
  ]

  /// Rows that sum, normalize, pool and transform.
  static let numeric: [SweptRow] = [
    SweptRow("max_pool_generic", .numbers) { type in
      try
        ([
          ([2, 3, 15], ["kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 2])]),
          ([3, 5, 65, 129], ["kernel_shape": .ints([3, 3]), "dilations": .ints([2, 3]), "storage_order": .int(1)]),
          ([1, 2, 5, 6, 7], ["kernel_shape": .ints([2, 3, 2]), "strides": .ints([1, 2, 2])]),
        ] as [(Shape, [String: Attribute])]).flatMap { shape, attributes in
          try [1, 2].map { NodeCase("MaxPool", [.given(try GenericRowTests.mixed(type, shape, seed: 1))], attributes, outputs: $0) }
        }
    },
    // Whole numbers are exact in every order of sums.
    SweptRow("einsum_typed_products") { type in
      try products.map { NodeCase("Einsum", try EinsumRowTests.inputs($1, type), ["equation": .text($0)]) }
    },
    SweptRow("reduce_log_sum_typed", .within(1e-13)) { type in
      try ([([7, 33], [1]), ([3, 5, 67], [0, 2]), ([130, 700], [1]), ([700, 130], [0]), ([5], [0])] as [(Shape, [Int])]).map {
        NodeCase("ReduceLogSum", [.given(try Tensor.random(type, $0, in: 0.1...2, seed: 1)), .constant(try Tensor($1))])
      }
    },
    SweptRow("softmax_f64", .within(1e-13)) { type in
      try ([([7, 33], 1), ([3, 5, 7], 1), ([300, 129], -1), ([37, 300], 0), ([1], 0)] as [(Shape, Int64)]).flatMap { shape, axis in
        try ["Softmax", "LogSoftmax"].map { NodeCase($0, [try noise(type, shape)], ["axis": .int(axis)]) }
      }
    },
    // Computed in float32: what is left is the rounding of the result.
    SweptRow(
      "softmax_half", by: { .within($0 == .float16 ? 0x1p-10 : 0x1p-7) },
      cases: { type in
        let shapes: [(Shape, Int64)] = [
          ([7, 33], 1), ([3, 5, 7], 1), ([300, 129], -1), ([3, 5000], 1), ([37, 300], 0), ([2, 9, 130], 1), ([1], 0),
        ]
        return try shapes.flatMap { shape, axis in
          try ["Softmax", "LogSoftmax"].map { NodeCase($0, [try noise(type, shape)], ["axis": .int(axis)]) }
        }
      }),
    SweptRow("layer_normalization_f64", .within(1e-12)) { type in
      try [[7, 33], [3, 5, 67], [300, 129]].flatMap { (shape: Shape) in
        let width = try Shape([shape[shape.rank - 1]])
        let inputs = [try noise(type, shape), try noise(type, width, seed: 2), try noise(type, width, seed: 3)]
        return [NodeCase("LayerNormalization", Array(inputs.prefix(2))), NodeCase("LayerNormalization", inputs)]
      }
    },
    SweptRow("rms_normalization_f64", .within(1e-12)) { type in
      try [[7, 33], [3, 5, 67], [300, 129]].map { (shape: Shape) in
        NodeCase("RMSNormalization", [try noise(type, shape), try noise(type, try Shape([shape[shape.rank - 1]]), seed: 2)])
      }
    },
    // Both compute in float64: what is left is the rounding of the result.
    SweptRow(
      "stft_lanes", by: { .within([.float32: 0x1p-23, .float64: 1e-14, .float16: 0x1p-10][$0] ?? 0x1p-7) },
      cases: { type in
        try [[1, 100, 1], [3, 700, 1], [2, 300, 2]].flatMap { (shape: Shape) in
          let signal = NodeCase.Input.given(try Tensor.random(type, shape, in: -1...1, seed: 1))
          let attributes: [String: Attribute] = ["onesided": .int(shape[2] == 1 ? 1 : 0)]
          func scalar(_ value: Int64) throws -> NodeCase.Input { .constant(try Tensor([value], shape: [])) }
          return [
            NodeCase("STFT", [signal, try scalar(20), .none, try scalar(64)], attributes),
            NodeCase("STFT", [signal, try scalar(7), try noise(type, [50], seed: 2)], attributes),
          ]
        }
      }),
  ]

  /// Rows of ai.onnx.ml, with features of every type.
  static let learned: [SweptRow] = [
    SweptRow("label_encoder_table", .numbers) { type in
      guard type == .int16 else { return try FeatureRowTests.cases(type).filter { $0.op == "LabelEncoder" } }
      let keys = try Tensor((-4...12).map { Int16($0) }, shape: [17])
      let values = try Tensor((-4...12).map { Int16(7 * $0) }, shape: [17])
      return try [[41, 6], [70_003]].map { (shape: Shape) in
        NodeCase(
          "LabelEncoder", [try FeatureRowTests.features(type, shape)], ["keys_tensor": .tensor(keys), "values_tensor": .tensor(values)],
          domain: "ai.onnx.ml")
      }
    },
    SweptRow("linear_classifier", .numbers) { type in
      try ["NONE", "LOGISTIC", "SOFTMAX"].flatMap { transform in
        try [(2, 1, 41), (2, 2, 41), (3, 3, 3000)].map { classes, rows, samples in
          let attributes: [String: Attribute] = [
            "coefficients": FeatureRowTests.floats(6 * rows), "intercepts": FeatureRowTests.floats(rows),
            "post_transform": .text(transform),
            "classlabels_ints": .ints((0..<classes).map { Int64(7 - $0) }),
          ]
          let x = try FeatureRowTests.features(type, [samples, 6])
          return NodeCase("LinearClassifier", [x], attributes, domain: "ai.onnx.ml", outputs: 2)
        }
      }
    },
    SweptRow("tree_ensemble_classifier", .numbers) { type in
      try [1, 9, 1500].map { samples in
        var trees = TreeEnsembleRowTests.Trees(
          9, trees: 6, depth: 4, features: 4, targets: 3, modes: [0, 1, 2, 3], tracksMissing: samples == 9)
        var attributes = trees.named("class") { trees in (0..<3).map { ($0, Float(trees.generator.uniform(in: -1...1))) } }
        attributes["classlabels_int64s"] = .ints([10, 9, 8])
        let x = try TreeEnsembleRowTests.samples(type, samples, 4)
        return NodeCase("TreeEnsembleClassifier", [x], attributes, domain: "ai.onnx.ml", outputs: 2)
      }
    },
  ]
}
