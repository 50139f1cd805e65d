import OnyxReport
import Testing

@Suite struct GateStatisticsTests {
  @Test func gates() {
    var numbers = GateStatistics()
    numbers.add(gates: [0.5, 0.5, 0.5, 0.5])
    #expect(numbers.entropy == 1 && numbers.sparsity == 0 && numbers.saturation == 0 && numbers.mean == 0.5 && numbers.deviation == 0)
    numbers.add(gates: [0, 0, 0, 1])
    #expect(numbers.entropy == 0.5 && numbers.sparsity == 3.0 / 8 && numbers.saturation == 0.5 && numbers.min == 0 && numbers.max == 1)
  }

  @Test func rowsOfASoftmax() {
    var numbers = GateStatistics()
    numbers.add(shares: [0.25, 0.25, 0.25, 0.25])
    numbers.add(shares: [0.99, 0.01, 0, 0])
    #expect(numbers.sparsity == 3.0 / 8 && numbers.saturation == 0.5 && numbers.count == 8)
  }

  @Test func oddNumbers() {
    var numbers = GateStatistics()
    #expect(numbers.mean == nil && numbers.entropy == nil && numbers.sparsity == nil && numbers.saturation == nil)
    numbers.add(gates: [.nan, .infinity])
    #expect(numbers.count == 0 && numbers.notFinite == 2 && numbers.mean == nil)
    numbers.add(terms: [-3, 4])
    #expect(numbers.mean == 0.5 && numbers.sparsity == nil && numbers.saturation == nil && numbers.entropy == nil)
    numbers.add(gates: [])
    #expect(numbers.count == 2)
  }
}
