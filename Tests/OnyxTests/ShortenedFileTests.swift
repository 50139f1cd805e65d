import Foundation
import Onyx
import OnyxTensor
import OnyxTestSupport
import Synchronization
import Testing

/// Files that another program cuts short while a model, a session or a run uses them: an error, not a signal, and no wrong result.
@Suite("Files that are cut short while they are mapped", .serialized)
struct ShortenedFileTests {
  /// Elements of the weights: a hundred pages.
  private static let count = 102_400
  /// What threads tell each other.
  private final class Word: Sendable {
    let value = Atomic(0)
  }

  private static let weights = (0..<count).map { Float($0 % 251) }
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  enum Place: CaseIterable { case model, external }

  /// y = x + w, and w itself: weights that each run reads where the file has them.
  private func write(_ place: Place) throws -> (model: String, file: String) {
    let file = place == .model ? folder.path("m.onnx") : folder.path("w.bin")
    let weights =
      place == .model
      ? Onnx.raw("w", floats: Self.weights)
      : Onnx.external("w", dims: [Int64(Self.count)], [("location", "w.bin")])
    if place == .external { try replace("w.bin", Wire.floats(Self.weights)) }
    try replace(
      "m.onnx",
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Add", ["x", "w"], ["y"])], initializers: [weights],
          Wire.data(12, Onnx.value("w")))))
    return (folder.path("m.onnx"), file)
  }

  /// As a program should: sessions that have the old file keep it.
  private func replace(_ name: String, _ bytes: [UInt8]) throws {
    let beside = try folder.write(bytes, to: name + ".new")
    let renamed = unsafe rename(beside, folder.path(name))
    #expect(renamed == 0)
  }

  private static func cut(_ path: String, to byteCount: Int) -> Bool { unsafe truncate(path, off_t(byteCount)) == 0 }

  private static func input() throws -> [String: Tensor] {
    ["x": try Tensor([Float](repeating: 1, count: count), shape: [count])]
  }

  private static func isRight(_ outputs: [String: Tensor]) throws -> Bool {
    try outputs["y"]?.elements(as: Float.self) == weights.map { $0 + 1 }
      && outputs["w"]?.elements(as: Float.self) == weights
  }

  private static func expectShort(
    _ file: String, _ body: () throws(OnyxError) -> Void,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let error = failure { () throws(OnyxError) in try body() }
    #expect(error?.code == .missingFile, sourceLocation: location)
    let name = file.split(separator: "/").last ?? ""
    #expect(
      error?.reason.contains("\(name)' was cut short") == true, "\(String(describing: error))",
      sourceLocation: location)
    #expect(error?.remedy != nil, sourceLocation: location)
  }

  @Test(arguments: Place.allCases, [1, 3]) func beforeTheFirstRun(_ place: Place, threads: Int)
    throws
  {
    let (model, file) = try write(place)
    let session = try Session(path: model, options: SessionOptions(threads: threads))
    #expect(Self.cut(file, to: 5000))
    for _ in 0..<2 {
      Self.expectShort(file) { () throws(OnyxError) in _ = try session.run(Self.given()) }
    }
    _ = try write(place)
    Self.expectShort(file) { () throws(OnyxError) in _ = try session.run(Self.given()) }
    #expect(
      try Self.isRight(try Session(path: model).run(try Self.input())),
      "a new session has the new file")
  }

  private static func given() throws(OnyxError) -> [String: Tensor] {
    ["x": try Tensor([Float](repeating: 1, count: count), shape: [count])]
  }

  @Test(arguments: Place.allCases) func betweenRuns(_ place: Place) throws {
    let (model, file) = try write(place)
    let session = try Session(path: model)
    let first = try session.run(try Self.input())
    #expect(try Self.isRight(first))
    #expect(Self.cut(file, to: 0))
    do throws(OnyxError) {
      let second = try session.run(try Self.given())
      // Numbers that are not aligned in the file were copied by the first run.
      #expect(place == .model)
      #expect((try? Self.isRight(second)) == true)
    } catch { #expect(error.code == .missingFile && error.reason.contains("was cut short"), "\(error)") }
    #expect(
      try Self.isRight(first),
      "a result that was given stays, also that which is a constant of the model")
  }

  /// Within the last page what is missing reads as zeros, without a fault.
  @Test(arguments: Place.allCases) func betweenLoadAndSession(_ place: Place) throws {
    let (model, file) = try write(place)
    let loaded = try Model(path: model)
    let size = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    #expect(Self.cut(file, to: size - 8))
    Self.expectShort(file) { () throws(OnyxError) in _ = try Session(loaded) }
  }

  /// A thread cuts the file at any moment of a load and of the runs behind it.
  @Test(arguments: Place.allCases) func atAnyMoment(_ place: Place) throws {
    var errors = 0
    for round in 0..<60 {
      let (model, file) = try write(place)
      let (started, isCut) = (Word(), Word())
      DispatchQueue.global().async {
        while started.value.load(ordering: .acquiring) == 0 {}
        usleep(UInt32(round * 40))
        _ = Self.cut(file, to: 4096 * (round % 7))
        isCut.value.store(1, ordering: .releasing)
      }
      started.value.store(1, ordering: .releasing)
      do throws(OnyxError) {
        let session = try Session(path: model, options: SessionOptions(threads: 2))
        var runsBehind = 0
        while runsBehind < 2 {
          runsBehind += isCut.value.load(ordering: .acquiring)
          let outputs = try session.run(try Self.given())
          #expect((try? Self.isRight(outputs)) == true, "round \(round)")
        }
      } catch {
        errors += 1
        #expect([.missingFile, .invalidModel].contains(error.code), "round \(round): \(error)")
      }
      usleep(3000)
    }
    // The first run copies numbers that are not aligned in the model's file: it can have gone by before the file was cut.
    #expect(errors > 0 || place == .model)
  }

  @Test func whileManyThreadsRun() async throws {
    let (model, file) = try write(.external)
    let session = try Session(path: model, options: SessionOptions(threads: 2))
    let wrong = Word()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<40 {
            do throws(OnyxError) {
              let outputs = try session.run(try Self.given())
              if (try? Self.isRight(outputs)) != true { wrong.value.add(1, ordering: .relaxed) }
            } catch { if error.code != .missingFile { wrong.value.add(1, ordering: .relaxed) } }
          }
        }
      }
      group.addTask {
        usleep(3000)
        _ = Self.cut(file, to: 8192)
      }
    }
    #expect(wrong.value.load(ordering: .relaxed) == 0)
    Self.expectShort(file) { () throws(OnyxError) in _ = try session.run(Self.given()) }
  }

  @Test func aWeightCache() throws {
    var options = SessionOptions(threads: 2)
    options.weightCache = folder.path("weights")
    let model = ModelCase("digits").path
    let inputs = ["image": try Tensor.random(.float32, [1, 1, 28, 28], in: 0...1, seed: 3)]
    let expected = try Session(path: model, options: options).run(inputs)
    let session = try Session(path: model, options: options)
    #expect(try session.run(inputs) == expected)
    #expect(Self.cut(folder.path("weights"), to: 4096))
    Self.expectShort("weights") { () throws(OnyxError) in _ = try session.run(inputs) }
    #expect(
      try Session(path: model, options: options).run(inputs) == expected, "weights are packed anew")
  }
}
