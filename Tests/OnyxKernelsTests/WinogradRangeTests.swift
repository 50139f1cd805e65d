import CKernels
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads
import Testing

/// What a tile must not spread: infinities, NaN, overflows, and the rounding errors of large inputs.
extension WinogradTests {
  static let rangeCases = [
    WinogradCase(height: 12, width: 12, channels: 16, filters: 16), WinogradCase(height: 9, width: 14, channels: 5, filters: 17, batch: 2),
    WinogradCase(height: 21, width: 7, channels: 40, filters: 33, pads: [0, 1, 1, 0]),
    WinogradCase(height: 30, width: 31, channels: 17, filters: 8, pads: [2, 1, 0, 2]),
  ]

  /// Results on every tier, for both sizes, on 1 and 2 threads; with `z` as addends in the memory of the result.
  private func results(_ c: WinogradCase, _ x: Buffer, _ w: Buffer, z: Buffer?) throws -> [(name: String, values: [Float])] {
    let (height, width) = c.output
    let count = c.batch * c.filters * height * width
    let xs = blocked(x, c.batch, c.channels, c.height * c.width)
    var found: [(name: String, values: [Float])] = []
    for (isa, size) in ISA.tiers.flatMap({ isa in WinogradSize.allCases.map { (isa, $0) } }) {
      let filters = try unsafe WinogradFilters(filters: c.filters, channels: c.channels, bias: nil, isa: isa) {
        (count, fill) throws(OnyxError) in try unsafe PackedFloats(count: count) { unsafe fill($0, [UnsafePointer(w.base)], serial) }
      }
      let shape = WinogradShape(
        size, batch: c.batch, channels: c.channels, filters: c.filters, input: .init(height: c.height, width: c.width),
        output: .init(height: height, width: width), padTop: c.pads[0], padLeft: c.pads[1])
      let convolution = WinogradConvolution(shape, filters: filters, activation: .none, isa: isa)
      let runs = [1, 2].map { threads in
        let y = blocked(z ?? Buffer(count: count, value: 0), c.batch, c.filters, height * width)
        unsafe convolution.run(xs.base, z: z == nil ? nil : UnsafePointer(y.base), y.base, pool: ThreadPool(threads: threads))
        return plain(y.values, c.batch, c.filters, height * width)
      }
      #expect(bits(runs[0]) == bits(runs[1]), "\(isa.name) \(size) threads")
      found.append(("\(isa.name) \(size)", runs[0]))
    }
    return found
  }

  /// Where `expected` is finite, within 5e-6 of `scale`; elsewhere the same infinity or NaN.
  private func expectKept(_ values: [Float], _ expected: [Double], scale: Double, _ name: String) {
    for (index, (value, want)) in zip(values.map(Double.init), expected).enumerated() {
      let agrees = want.isFinite ? (value - want).magnitude <= 5e-6 * scale : value == want || value.isNaN && want.isNaN
      guard !agrees else { continue }
      Issue.record("\(name): element \(index) is \(value), expected \(want)")
      return
    }
  }

  @Test(arguments: rangeCases) func whatIsNotFiniteKeepsToItsWindow(_ c: WinogradCase) throws {
    let x = Buffer(random: c.batch * c.channels * c.height * c.width, seed: 1)
    let w = Buffer(random: c.filters * c.channels * 9, seed: 2)
    let z = Buffer(random: c.batch * c.filters * c.output.height * c.output.width, seed: 3)
    let scale = reference(c, x, w).reduce(1) { max($0, $1.magnitude) }
    // Pixel (5, 4) of the first channel of the last image, (0, 0) of the last channel of the first, and the last pixel of all.
    let plane = c.height * c.width
    unsafe x.base[(c.batch - 1) * c.channels * plane + 5 * c.width + 4] = .infinity
    unsafe x.base[(c.channels - 1) * plane] = .nan
    unsafe x.base[c.batch * c.channels * plane - 1] = -.infinity
    let sums = reference(c, x, w)
    #expect(sums.contains { $0 == .infinity } && sums.contains { $0.isNaN } && sums.count { $0.isFinite } > sums.count / 2)
    for (name, values) in try results(c, x, w, z: nil) { expectKept(values, sums, scale: scale, name) }
    let full = sums.indices.map { sums[$0] + Double(z[$0]) }
    for (name, values) in try results(c, x, w, z: z) { expectKept(values, full, scale: scale, "\(name) with addends") }
  }

  @Test(arguments: rangeCases) func sumsThatFitDoNotOverflow(_ c: WinogradCase) throws {
    let x = Buffer(count: c.batch * c.channels * c.height * c.width, value: 1e38)
    // Filter f sees the centre of channel f mod C and nothing else.
    let w = Buffer(count: c.filters * c.channels * 9, value: 0)
    for f in 0..<c.filters { unsafe w.base[(f * c.channels + f % c.channels) * 9 + 4] = 1 }
    let sums = reference(c, x, w)
    for (name, values) in try results(c, x, w, z: nil) { #expect(values.map(Double.init) == sums, "\(name)") }
  }

  /// One pixel of a thousand and more times the others: outputs that do not see it are as exact as without it.
  @Test(arguments: rangeCases, [1e3, 1e4, 1e8, 1e30] as [Float]) func largeInputsKeepToTheirWindows(_ c: WinogradCase, _ hot: Float) throws
  {
    let x = Buffer(random: c.batch * c.channels * c.height * c.width, seed: 1)
    let w = Buffer(random: c.filters * c.channels * 9, seed: 2)
    let scale = reference(c, x, w).reduce(1) { max($0, $1.magnitude) }
    let (row, column) = (5, 4)
    unsafe x.base[row * c.width + column] = hot
    let sums = reference(c, x, w)
    let (height, width) = c.output
    let far = sums.indices.filter { index in
      let (y, x) = (index / width % height - c.pads[0] - row, index % width - c.pads[1] - column)
      return index >= c.filters * height * width || !(-2...0).contains(y) || !(-2...0).contains(x)
    }
    for (name, values) in try results(c, x, w, z: nil) {
      expectKept(far.map { values[$0] }, far.map { sums[$0] }, scale: scale, name)
    }
  }
}
