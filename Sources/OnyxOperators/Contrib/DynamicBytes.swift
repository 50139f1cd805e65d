import OnyxTensor

/// Numbers quantized to uint8 by their own range, as DynamicQuantizeLinear does, less their zero point.
struct DynamicBytes {
  let scale: Float
  /// −255 … 255
  let values: [Int64]

  init(_ numbers: [Double]) {
    let numbers = numbers.map { Float($0) }
    let least = numbers.reduce(0) { $1 < $0 ? $1 : $0 }
    let most = numbers.reduce(0) { $1 > $0 ? $1 : $0 }
    let scale = (least == most ? 1 : most - least) / Float(255)
    let start = -least / scale
    let zeroPoint = start.isNaN ? 0 : min(max(start, 0), 255).rounded(.toNearestOrEven)
    self.scale = scale
    values = numbers.map { number in
      let sum = (number / scale).rounded(.toNearestOrEven) + zeroPoint
      return Int64((sum.isNaN ? 0 : min(max(sum, 0), 255)) - zeroPoint)
    }
  }
}
