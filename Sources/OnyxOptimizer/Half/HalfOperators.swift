import OnyxGraph
import OnyxOperators
import OnyxTensor

/// How an operator on float16 or bfloat16 values is computed in float32.
enum HalfRole: Sendable {
  /// A small change of an input is a small change of the result: values that were not rounded to 16 bits may come in.
  case computed
  /// Moves elements, at half the width as well as at the full one: in float32 only where its elements are float32 anyway.
  case moved
  /// Jumps between neighbouring numbers, asks which of two numbers is the larger, or for the ends of a type's range: its inputs are
  /// rounded to 16 bits, on which it is computed exactly.
  case stepped

  /// nil for a node that runs as it is: of operators that draw numbers, make or take other values than tensors, or run bodies.
  init?(_ node: Node) {
    guard let role = Self.byName[node.op] else { return nil }
    // The places of maxima depend on which numbers are equal, the nearest sample on the place.
    let jumps = node.op == OperatorName("MaxPool") && node.outputs.count > 1 || node.op == OperatorName("GridSample")
    self = jumps ? .stepped : role
  }

  static let operators = Array(byName.keys)

  /// Operators that have kernels of their own for 16-bit floats: they widen in registers or in small pieces and round once, so that memory
  /// is crossed once.
  static let narrow: Set<OperatorName> = Set(
    [
      "Abs", "Acos", "Acosh", "Add", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh", "Celu", "Clip", "Cos", "Cosh", "Div", "Elu",
      "Equal", "Erf", "Exp", "Gelu", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Hardmax", "IsInf", "IsNaN", "LeakyRelu",
      "Less", "LessOrEqual", "Log", "LogSoftmax", "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "PRelu", "Pow", "Reciprocal",
      "Relu", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
      "ReduceSum", "ReduceSumSquare", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Sqrt",
      "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Where",
    ].map { OperatorName($0) })

  private static let byName: [OperatorName: HalfRole] = {
    var roles: [OperatorName: HalfRole] = [:]
    for name in computing { roles[OperatorName(name)] = .computed }
    for name in moving { roles[OperatorName(name)] = .moved }
    for name in stepping { roles[OperatorName(name)] = .stepped }
    for name in ["GroupQueryAttention", "MatMulNBits"] { roles[OperatorName(name, domain: "com.microsoft")] = .computed }
    return roles
  }()

  private static let computing = [
    "Abs", "Acos", "Acosh", "Add", "AffineGrid", "Asin", "Asinh", "Atan", "Atanh", "Attention", "AveragePool", "BatchNormalization",
    "CausalConvWithState", "Celu", "Clip", "Col2Im", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "Cosh", "CumProd", "CumSum", "DFT",
    "DeformConv", "DequantizeLinear", "Det", "Div", "Einsum", "Elu", "Erf", "Exp", "GRU", "Gelu", "Gemm", "GlobalAveragePool",
    "GlobalLpPool", "GlobalMaxPool", "GridSample", "GroupNormalization", "HardSigmoid", "HardSwish", "InstanceNormalization", "LRN", "LSTM",
    "LayerNormalization", "LeakyRelu", "LinearAttention", "Log", "LogSoftmax", "LpNormalization", "LpPool", "MatMul", "Max", "MaxPool",
    "Mean", "MeanVarianceNormalization", "Min", "Mish", "Mul", "Neg", "NegativeLogLikelihoodLoss", "PRelu", "Pow", "QuantizeLinear",
    "RMSNormalization", "RNN", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
    "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Resize", "RotaryEmbedding", "STFT", "Selu", "Shape", "Sigmoid",
    "Sin", "Sinh", "Size", "Softmax", "SoftmaxCrossEntropyLoss", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "SwiGLU", "Swish", "Tan",
    "Tanh", "Where",
  ]

  private static let moving = [
    "CenterCropPad", "Compress", "Concat", "DepthToSpace", "Dropout", "Expand", "Flatten", "Gather", "GatherElements", "GatherND",
    "Identity", "MaxUnpool", "Pad", "Reshape", "ReverseSequence", "ScatterElements", "ScatterND", "Slice", "SpaceToDepth", "Split",
    "Squeeze", "TensorScatter", "Tile", "Transpose", "Trilu", "Unsqueeze",
  ]

  private static let stepping = [
    "ArgMax", "ArgMin", "Ceil", "Equal", "Floor", "Greater", "GreaterOrEqual", "Hardmax", "IsInf", "IsNaN", "Less", "LessOrEqual",
    "MaxRoiPool", "Mod", "NonZero", "OneHot", "RoiAlign", "Round", "Shrink", "Sign", "ThresholdedRelu", "TopK",
  ]
}

extension ElementType {
  /// Whether it is one of the two floating types of 16 bits.
  var isHalf: Bool { self == .float16 || self == .bfloat16 }
}

extension Node {
  /// The attributes for float32 where they name or hold 16-bit floats.
  func widenedAttributes() throws(OnyxError) -> [String: Attribute] {
    var widened = attributes
    for (name, attribute) in attributes {
      switch attribute {
      case .int(let number) where Self.typeAttributes.contains(name):
        if let type = Int32(exactly: number).flatMap({ ElementType(rawValue: $0) }), type.isHalf {
          widened[name] = .int(Int64(ElementType.float32.rawValue))
        }
      case .tensor(let tensor) where tensor.elementType.isHalf:
        widened[name] = .tensor(try tensor.converted(to: .float32))
      default: break
      }
    }
    return widened
  }

  /// Attributes that name the type in which an operator computes, or that of its result.
  private static let typeAttributes: Set<String> = ["stash_type", "softmax_precision", "precision", "output_dtype"]
}
