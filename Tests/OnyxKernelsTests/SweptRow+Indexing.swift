import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

extension SweptRow {
  private static func indices(_ shape: Shape, of extent: Int, seed: Int = 1) throws -> NodeCase.Input {
    try IndexingRowTests.indices(shape, extent: extent, seed: seed)
  }

  /// Whole numbers so small that no order of sums or products is rounded.
  private static func few(_ type: ElementType, _ shape: Shape) throws -> Tensor {
    try Tensor.random(type, shape, in: 1...3.99, seed: 9).converted(to: .int8).converted(to: type)
  }

  /// Rows that move elements where indices, conditions or numbers say.
  static let indexing: [SweptRow] = [
    moving("gather_rows") { type, shape in
      try (0..<3).map { axis in
        let picked = try IndexingRowTests.indices([shape[axis]], extent: shape[axis], seed: axis, axis == 1 ? .int32 : .int64)
        return NodeCase("Gather", [try random(type, shape), picked], ["axis": .int(Int64(axis))])
      }
    },
    moving("gather_elements_width") { type, shape in
      try (0..<3).map { axis in
        NodeCase("GatherElements", [try random(type, shape), try indices(shape, of: shape[axis])], ["axis": .int(Int64(axis))])
      }
    },
    moving("gather_nd_rows") { type, shape in
      try (1...3).map { NodeCase("GatherND", [try random(type, shape), try indices([shape[1], $0], of: 3)]) }
    },
    moving("scatter_elements_width") { type, shape in
      try (0..<3).map { axis in
        let inputs = [try random(type, shape), try indices(shape, of: shape[axis]), try random(type, shape, seed: 2)]
        return NodeCase("ScatterElements", inputs, ["axis": .int(Int64(axis))])
      }
    },
    moving("scatter_nd_rows") { type, shape in
      [
        NodeCase("ScatterND", [try random(type, shape), try indices([2, 1], of: 3), try random(type, [2, shape[1], shape[2]], seed: 2)]),
        NodeCase("ScatterND", [try random(type, shape), try indices([9, 2], of: 3), try random(type, [9, shape[2]], seed: 2)]),
      ]
    },
    moving("tensor_scatter_rows") { type, shape in
      let x = try random(type, [2, shape[1], 6, shape[2]])
      let update = try random(type, [2, shape[1], 2, shape[2]], seed: 2)
      return [
        NodeCase("TensorScatter", [x, update, .given(try Tensor([0, 4]))]), NodeCase("TensorScatter", [x, update]),
        NodeCase("TensorScatter", [x, update, .given(try Tensor([5, -7]))], ["mode": .text("circular")]),
      ]
    },
    moving("compress_rows") { type, shape in
      func some(_ count: Int) throws -> NodeCase.Input { .given(try Tensor.random(.bool, [count], seed: 5)) }
      let x = try random(type, shape)
      return [
        NodeCase("Compress", [x, try some(shape[1])], ["axis": .int(1)]),
        NodeCase("Compress", [x, try some(shape[2])], ["axis": .int(-1)]),
        NodeCase("Compress", [x, try some(shape.elementCount)]),
      ]
    },
    SweptRow("one_hot_fill") { type in
      try [[2, 7], [300, 41]].flatMap { (shape: Shape) in
        let picked = NodeCase.Input.given(try Tensor.random(type, shape, in: -9...9, seed: 6))
        return try [0, -1].flatMap { axis in
          try [ElementType.float32, .uint8].map {
            NodeCase("OneHot", [picked, try list(7), try random($0, [2])], ["axis": .int(axis)])
          }
        }
      }
    },
    SweptRow("non_zero_scan") { type in
      try [[7], [3, 5, 7], [2, 20_000], []].map { (shape: Shape) in
        NodeCase("NonZero", [.given(try GenericRowTests.mixed(type, shape, seed: 7))])
      }
    },
    moving("where_width") { type, shape in
      let condition = NodeCase.Input.given(try Tensor.random(.bool, shape, seed: 8))
      return try [[], [shape[2]], shape].map { (other: Shape) in
        NodeCase("Where", [condition, try random(type, shape), try random(type, other, seed: 2)])
      }
    },
    SweptRow("range_numbers", .numbers) { type in
      try [(0, 10, 1), (5, -7, -2), (-3, 90, 7), (2, 32_000, 1), (0.25, 9, 0.375)].map { (bounds: (Double, Double, Double)) in
        NodeCase(
          "Range",
          try [bounds.0, bounds.1, bounds.2].map { number in
            let whole = type.isFloating ? number : number.rounded(.awayFromZero)
            return .given(
              type.isFloating
                ? try Tensor(floating: [whole], as: type, shape: []) : try Tensor(integral: [Int64(whole)], as: type, shape: []))
          })
      }
    },
    SweptRow("scatter_elements_reduced", .numbers) { type in
      try ["add", "mul", "max", "min"].flatMap { reduction in
        try [[3, 11, 4], [5, 7, 900]].map { (shape: Shape) in
          let tensors = try [shape, [3, 9, shape[2]]].map { NodeCase.Input.given(try few(type, $0)) }
          let inputs = [tensors[0], try indices([3, 9, shape[2]], of: shape[1]), tensors[1]]
          return NodeCase("ScatterElements", inputs, ["reduction": .text(reduction), "axis": .int(1)])
        }
      }
    },
    SweptRow("scatter_nd_reduced", .numbers) { type in
      try ["add", "mul", "max", "min"].flatMap { reduction in
        try [[3, 11, 4], [3, 5, 9000]].map { (shape: Shape) in
          let tensors = try [shape, [5, shape[2]]].map { NodeCase.Input.given(try few(type, $0)) }
          return NodeCase("ScatterND", [tensors[0], try indices([5, 2], of: 3), tensors[1]], ["reduction": .text(reduction)])
        }
      }
    },
  ]
}
