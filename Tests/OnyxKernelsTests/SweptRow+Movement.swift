import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

extension SweptRow {
  /// Rows that move elements by the shapes alone.
  static let movement: [SweptRow] = [
    moving("transpose_strided") { type, shape in
      try [[2, 1, 0], [1, 0, 2], [0, 2, 1]].map { NodeCase("Transpose", [try random(type, shape)], ["perm": .ints($0)]) }
    },
    moving("expand_strided") { type, shape in
      try [[shape[1], 1], [shape[2]], [shape[0], 1, shape[2]]].map {
        NodeCase("Expand", [try random(type, try Shape($0)), .constant(try Tensor(Array(shape)))])
      }
    },
    moving("concat_strided") { type, shape in
      let (a, b) = (try random(type, shape), try random(type, [shape[0], 2, shape[2]], seed: 2))
      return [NodeCase("Concat", [a, b, a], ["axis": .int(1)]), NodeCase("Concat", [a, a], ["axis": .int(-1)])]
    },
    moving("split_strided") { type, shape in
      try [1, 2].map { axis in
        NodeCase("Split", [try random(type, shape), try list(2, shape[axis] - 2)], ["axis": .int(Int64(axis))], outputs: 2)
      }
    },
    moving("slice_strided") { type, shape in
      let x = try random(type, shape)
      return [
        NodeCase("Slice", [x, try list(0, 1), try list(9999, shape[1]), try list(-1, 1), try list(2, 1)]),
        NodeCase("Slice", [x, try list(-1), try list(-9999), try list(2), try list(-1)]),
      ]
    },
    moving("view") { type, shape in
      let x = try random(type, shape)
      return [
        NodeCase("Reshape", [x, try list(0, -1)]), NodeCase("Flatten", [x], ["axis": .int(2)]), NodeCase("Identity", [x]),
        NodeCase("Unsqueeze", [x, try list(0, -1)]),
        NodeCase("Squeeze", [try random(type, [1, shape[2], 1]), try list(0)]),
      ]
    },
    moving("dropout_inference") { type, shape in
      let x = try random(type, shape)
      return [NodeCase("Dropout", [x]), NodeCase("Dropout", [x, .none, .constant(try Tensor([false], shape: []))])]
    },
    moving("cast_same_type") { type, shape in
      let x = try random(type, shape)
      let cast = NodeCase("Cast", [x], ["to": .int(Int64(type.rawValue))])
      // CastLike does not know them.
      return [.float6e2m3, .float6e3m2].contains(type) ? [cast] : [cast, NodeCase("CastLike", [x, try random(type, [2])])]
    },
  ]

  /// Rows that repeat, surround, mask and fill.
  static let patterns: [SweptRow] = [
    moving("tile_strided") { type, shape in
      try [[1, 2, 1], [2, 1, 3]].map { NodeCase("Tile", [try random(type, shape), .constant(try Tensor($0))]) }
    },
    moving("depth_to_space_strided") { type, shape in
      try ["DCR", "CRD"].map {
        NodeCase("DepthToSpace", [try random(type, [1, 12, shape[1], shape[2] / 4])], ["blocksize": .int(2), "mode": .text($0)])
      }
    },
    moving("space_to_depth_strided") { type, shape in
      [NodeCase("SpaceToDepth", [try random(type, [1, 3, 2 * shape[1], 2 * (shape[2] / 3)])], ["blocksize": .int(2)])]
    },
    moving("pad_rows") { type, shape in
      try ["constant", "reflect", "edge", "wrap"].flatMap { mode in
        let (x, pads) = (try random(type, shape), try list(1, 0, -2, 0, 2, 3))
        let attributes: [String: Attribute] = ["mode": .text(mode)]
        return [NodeCase("Pad", [x, pads], attributes), NodeCase("Pad", [x, pads, try random(type, [], seed: 3)], attributes)]
      }
    },
    moving("center_crop_pad_rows") { type, shape in
      [NodeCase("CenterCropPad", [try random(type, shape), try list(shape[0] + 1, shape[1] - 2, shape[2] + 3)])]
    },
    moving("reverse_sequence_rows") { type, shape in
      let lengths = try Tensor((0..<shape[1]).map { $0 % (shape[0] + 1) })
      return [NodeCase("ReverseSequence", [try random(type, shape), .given(lengths)], ["time_axis": .int(0), "batch_axis": .int(1)])]
    },
    moving("trilu_rows") { type, shape in
      try ([0, 1] as [Int64]).map {
        NodeCase("Trilu", [try random(type, shape), .given(try Tensor(scalar: $0 - 1))], ["upper": .int($0)])
      }
    },
    moving("eye_like_fill") { type, shape in
      ([0, 2, -1] as [Int64]).map {
        let attributes: [String: Attribute] = ["k": .int($0), "dtype": .int(Int64(type.rawValue))]
        return NodeCase("EyeLike", [.float([shape[0] * shape[1], shape[2]])], attributes)
      }
    },
    moving("constant_of_shape_fill") { type, shape in
      let sides = try Tensor(Array(shape))
      let value: [String: Attribute] = ["value": .tensor(try Tensor.random(type, [1], in: -100...100, seed: 4))]
      return [NodeCase("ConstantOfShape", [.given(sides)], value), NodeCase("ConstantOfShape", [.constant(sides)], value)]
    },
    moving("resize_nearest") { type, shape in
      try ([[1, 2, 1.5], [1, 0.6, 3], [1, 1, 0.5]] as [[Float]]).flatMap { scales in
        let inputs = [try random(type, shape), .none, .constant(try Tensor(scales, shape: [3]))]
        return [NodeCase("Resize", inputs), NodeCase("Resize", inputs, ["nearest_mode": .text("ceil")])]
      }
    },
  ]
}
