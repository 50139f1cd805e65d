import OnyxGraph
import OnyxOperators
import OnyxTensor

/// QuantizeLinear and DequantizeLinear as the patterns of this folder bind them: for the name "x" the bytes are x, their scale
/// x.scale and their zero point x.zero; the node is x.node.
extension Expression {
  static func dequantized(_ name: String) -> Expression {
    .op("DequantizeLinear", .value(name), .constant("\(name).scale"), .optional("\(name).zero"), named: "\(name).node")
  }

  static func quantized(_ x: Expression, _ name: String = "y") -> Expression {
    .op("QuantizeLinear", x, .constant("\(name).scale"), .optional("\(name).zero"), named: "\(name).node")
  }
}

extension Clause {
  /// Each value has bytes with one float32 scale and one zero point.
  static func oneQuantization(_ names: String...) -> Clause {
    Clause("Each input and the output must have bytes with one constant scale and zero point.") { match in
      names.allSatisfy { match.isOneQuantization($0) }
    }
  }

  /// The float result is read by the pattern's next node only.
  static func readOnce(_ node: String) -> Clause {
    Clause("The result before quantization must have no other reader.") { match in
      guard case let output?? = match.node(node)?.outputs.first else { return false }
      return match.workspace.readers(of: output).count == 1 && !match.workspace.pinned.contains(output)
    }
  }
}

extension Match {
  /// int8 or uint8; nil for every other type and for attributes that mean more than a scale and a zero point.
  func byteType(_ name: String) -> ElementType? {
    guard let node = node("\(name).node"), node.int("block_size", default: 0) == 0, elementType(of: "\(name).scale") == .float32 else {
      return nil
    }
    guard node.int("precision", default: 0) == 0 || node.int("precision", default: 0) == 1 else { return nil }
    let isOutput = node.op == OperatorName("QuantizeLinear")
    guard let type = isOutput ? node.outputs.first.flatMap({ $0 }).flatMap({ workspace.inferred($0)?.elementType }) : elementType(of: name)
    else { return nil }
    if !isOutput, ![0, 1].contains(node.int("output_dtype", default: 0)) { return nil }
    return type == .int8 || type == .uint8 ? type : nil
  }

  func isOneQuantization(_ name: String) -> Bool {
    guard byteType(name) != nil, let scale = scales(name), scale.count == 1, zeroPoints(name)?.count == 1 else { return false }
    return scale[0].isFinite && scale[0] > 0
  }

  func scales(_ name: String) -> [Float]? { constant("\(name).scale").flatMap { try? $0.elements(as: Float.self) } }

  /// Zero points; absent ones are one zero.
  func zeroPoints(_ name: String) -> [Int64]? {
    guard self["\(name).zero"] != nil else { return [0] }
    return constant("\(name).zero").flatMap { try? $0.integers() }
  }

  /// The zero point as a value, made when it is absent.
  func zeroPoint(_ name: String, in patch: inout Patch) throws(OnyxError) -> ValueID {
    if let zero = self["\(name).zero"] { return zero }
    guard let type = byteType(name) else { throw .bug("A checked quantization is gone.") }
    return patch.constant(try Tensor(integral: [0], as: type, shape: .scalar))
  }

  /// Bytes, scale and zero point of an input.
  func parameters(_ name: String, in patch: inout Patch) throws(OnyxError) -> [ValueID?] {
    [try required(name), try required("\(name).scale"), try zeroPoint(name, in: &patch)]
  }

  /// Scale and zero point of the output.
  func outputParameters(in patch: inout Patch) throws(OnyxError) -> [ValueID?] {
    [try required("y.scale"), try zeroPoint("y", in: &patch)]
  }

  /// The least and the greatest byte of a type.
  static func byteRange(_ type: ElementType) -> ClosedRange<Int64> { type == .int8 ? -128...127 : 0...255 }
}
