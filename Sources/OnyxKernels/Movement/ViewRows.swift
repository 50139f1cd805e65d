import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Operators whose output is the input's memory under another shape.
enum ViewRows {
  static let all = [
    KernelRow("view", ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"], .any) { (query) throws(OnyxError) in
      guard let x = query.input(0), let y = query.outputs[0], x.shape.elementCount == y.shape.elementCount else {
        return .declined("the output has another number of elements")
      }
      return .view(of: 0)
    },
    KernelRow("dropout_inference", ["Dropout"], .any) { (query) throws(OnyxError) in
      guard query.outputs.count == 1 else { return .declined("the mask is asked for") }
      if query.input(2) != nil {
        guard let flag = query.constant(2), try flag.booleans() == [false] else {
          return .declined("whether it trains is true or only known in the run")
        }
      }
      return .view(of: 0)
    },
    KernelRow("cast_same_type", ["Cast", "CastLike"], .any) { (query) throws(OnyxError) in
      guard query.input(0)?.elementType == query.outputs[0]?.elementType else { return .declined("the element type changes") }
      return .view(of: 0)
    },
  ]
}
