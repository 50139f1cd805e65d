import Foundation
import Onyx
import OnyxTestSupport
import Testing

/// The reports for people, as they are printed.
@Suite struct ReportTests {
  private static let model = "attention/se-avg/dynamo-dynamic/model.onnx"

  private static func expectReport(
    _ result: ProcessResult, _ text: String, errors: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.exitCode == 0, sourceLocation: sourceLocation)
    #expect(result.standardOutput == text, sourceLocation: sourceLocation)
    #expect(messages(result) == errors, sourceLocation: sourceLocation)
  }

  @Test func summary() throws {
    Self.expectReport(
      try onyx("summary", Self.model),
      """
      IR version 10, opsets ai.onnx 20, made by pytorch 2.15.0
      input   x: float32[batch,54,8,8]
      output  output: float32[batch,54,8,8]

      operator    name             output shape    params  MACs   share
      -----------------------------------------------------------------
      ReduceMean  node_mean        [batch,54,1,1]
      Reshape     node_Reshape_16  [batch,54]
      Gemm        node_linear      [batch,6]          324   324  50.0 %
      Relu        node_relu        [batch,6]
      Gemm        node_linear_1    [batch,54]         324   324  50.0 %
      Sigmoid     node_sigmoid     [batch,54]
      Reshape     node_Reshape_19  [batch,54,1,1]
      Mul         node_mul_2       [batch,54,8,8]

      module  type               nodes  params  MACs    share
      -------------------------------------------------------
      pool    AdaptiveAvgPool2d      1
      fc      Sequential             4     648   648  100.0 %

      attention  name  channels  reduction  kernel  params  MACs    share
      -------------------------------------------------------------------
      SE         SE 1        54       9.00             648   648  100.0 %

      8 nodes, 648 parameters, 648 MACs, weights 2.59 KB, activations 13.5 KB at peak
      Dynamic dimensions counted as batch = 1; --dim NAME=N changes that.

      """)
    let four = try onyx("summary", Self.model, "--dim", "batch=4").standardOutput
    #expect(
      four.hasSuffix(
        "648 parameters, 2.59 k MACs, weights 2.59 KB, activations 54.0 KB at peak\n"
          + "Dynamic dimensions counted as batch = 4; --dim NAME=N changes that.\n"
      ))
  }

  @Test func summaryOfModulesAndBlocks() throws {
    let digits = try onyx("summary", "digits/model.onnx").standardOutput
    #expect(digits.contains("\nstage1              Stage                 26  2.72 k  2.01 M  30.5 %\n"))
    #expect(digits.contains("\n  stage1.attention  CBAM                  20     226  77.1 k   1.2 %\n"))
    #expect(digits.contains("\nCBAM       stage1.attention        16       4.00     7×7     226  77.1 k  1.2 %\n"))
    #expect(digits.contains("\nECA        stage3.attention        48                  3       3     144  0.0 %\n"))
    let deep = try onyx("summary", "digits/model.onnx", "--depth", "4").standardOutput
    #expect(deep.contains("\n      stage1.attention.channel_attention.mlp ") && !digits.contains("channel_attention.mlp"))
    #expect(!(try onyx("summary", "digits/model.onnx", "--depth", "0")).standardOutput.contains("Stage"))
    // The older exporter names modules in the names of nodes.
    #expect(try onyx("summary", "attention/cbam-fc/torchscript-static/model.onnx").standardOutput.contains("\n  channel_attention.mlp "))
  }

  @Test func summaryAsLines() throws {
    let lines = try onyx("summary", "digits/model.onnx", "--csv").standardOutput.components(separatedBy: "\r\n")
    #expect(lines.count == 1 + 59 + 1 && lines.last == "")
    #expect(lines[0] == "name,op,domain,module,block,shape,params,macs,bytes")
    #expect(lines.contains("node_linear,Gemm,ai.onnx,stage1.attention.channel_attention.mlp.0,stage1.attention,batchx4,64,64,16"))
    let folder = try TemporaryDirectory()
    let bytes = Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], name: "a,\"b\"\nc")]))
    let quoted = try onyx("summary", try folder.write(bytes, to: "m.onnx"), "--csv").standardOutput
    #expect(quoted.hasSuffix("\r\n\"a,\"\"b\"\"\nc\",Sqrt,ai.onnx,,,n,0,0,4\r\n"))
  }

  @Test func version() throws {
    let result = try onyx("--version")
    Self.expectReport(result, "onyx \(Session.version)\n")
    #expect(Session.version.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
  }

  @Test(arguments: ModelCase.all) func summaryFitsOnATerminal(_ model: ModelCase) throws {
    let result = try onyx("summary", "\(model.name)/model.onnx")
    #expect(result.exitCode == 0)
    let widest = result.standardOutput.split(separator: "\n").map(\.count).max() ?? 0
    #expect(widest > 40 && widest <= 100)
  }

  @Test func explain() throws {
    Self.expectReport(
      try onyx("explain", Self.model, "--isa", "scalar", "--threads", "1", "--optimization", "none"),
      """
      operator    name           kernel           output             memory
      ------------------------------------------------------------------------
      ReduceMean  node_mean      reduce_mean_f32  float32[1,54,1,1]  arena+0
      Gemm        node_linear    gemm_f32_packed  float32[1,6]       arena+256
      Relu        node_relu      relu_f32         float32[1,6]       arena+256
      Gemm        node_linear_1  gemm_f32_packed  float32[1,54]      arena+0
      Sigmoid     node_sigmoid   sigmoid_f32      float32[1,54]      arena+0
      Mul         node_mul_2     mul_f32          float32[1,54,8,8]  output 0

      6 steps, scalar, 1 thread, arena 320 B, activations 13.8 KB

      """)
    let fused = try onyx("explain", Self.model, "--dim", "batch=3", "--threads", "2").standardOutput
    #expect(fused.contains("rewrites: fuse-attention-block ×1, recognise-global-reduction ×1\n"))
    #expect(fused.contains("float32[3,54,8,8]") && fused.contains(", 2 threads, "))
    let without = try onyx("explain", Self.model, "--disable-rewrite", "fuse-attention-block", "--disable-kernel", "fused_gemm_f32_packed")
      .standardOutput
    #expect(without.contains("rewrites: fuse-activation ×2, recognise-global-reduction ×1\n") && without.contains("reference"))
    let blocked = try onyx("explain", "attention/sk/dynamo-static/model.onnx").standardOutput
    #expect(blocked.contains(" layout reorders), "), "\(blocked)")
  }

  @Test func explainCandidates() throws {
    let arguments = ["explain", Self.model, "--candidates", "--optimization", "none", "--disable-kernel", "relu_f32"]
    let text = try onyx(arguments).standardOutput
    #expect(
      text.contains(
        """

        Gemm node_linear
          linear_bf16: declines: the session computes in float32
          linear_f32_half_weights: declines: B is no constant matrix of 16 bits
          gemm_f32_packed: chosen
          gemm_typed: declines: input 0 is float32

        Relu node_relu
          relu_f32: declines: it is switched off
          relu_elements: chosen

        """), "\(text)")
    let json = try onyx(arguments + ["--json"]).standardOutput
    #expect(json.contains("\"declined\" : \"it is switched off\""), "\(json)")
  }

  @Test func coverage() throws {
    Self.expectReport(
      try onyx("coverage", Self.model, Self.model),
      """
      domain   operator    opset  count  supported  fast for
      ----------------------------------------------------------------------
      ai.onnx  Gemm           20      4  yes        all but float16 bfloat16
      ai.onnx  Mul            20      2  yes        all
      ai.onnx  ReduceMean     20      2  yes        all
      ai.onnx  Relu           20      2  yes        all
      ai.onnx  Reshape        20      4  yes        all but string
      ai.onnx  Sigmoid        20      2  yes        all

      6 of 6 operators are supported.

      """)
  }

  @Test func coverageOfTheStandard() throws {
    let result = try onyx("coverage")
    #expect(result.exitCode == 0)
    let lines = result.standardOutput.split(separator: "\n")
    let conv = lines.first { $0.hasPrefix("ai.onnx ") && $0.contains(" Conv ") }
    #expect(conv?.contains(" yes ") == true && conv?.hasSuffix(" float32 float64") == true)
    #expect(lines.last?.hasSuffix(" operators are supported.") == true)
  }

  @Test func check() throws {
    Self.expectReport(try onyx("check", Self.model), "\(Self.model): valid; 1 step and 13824 bytes of activations with batch = 1\n")
    let fixed = "attention/se-avg/dynamo-static/model.onnx"
    Self.expectReport(try onyx("check", fixed), "\(fixed): valid; 1 step and 27648 bytes of activations\n")
  }

  @Test func runOnAPicture() throws {
    let arguments = [
      "run", "digits/model.onnx", "--input", "digits/samples/digit-7-1314.png", "--top", "3", "--labels", "digits/labels.txt",
    ]
    let expected = """
      7   92.1 %
      2    1.2 %
      5    1.2 %

      """
    Self.expectReport(try onyx(arguments), expected)
    var named = arguments
    named[3] = "image=" + named[3]
    Self.expectReport(try onyx(named), expected)
  }

  @Test func runOnFiles() throws {
    let folder = try TemporaryDirectory()
    let model = try folder.write(Onnx.good, to: "good.onnx")
    let x = try folder.write(Array(#"{"name":"x","type":"float32","shape":[2],"data":[4,9]}"#.utf8), to: "x.json")
    Self.expectReport(
      try onyx("run", model, "--input", x, "--fetch", "t", "--fetch", "w", "--fetch", "t"),
      """
      y: float32[4]
        2.0, 3.0, 3.0, 4.0
        min 2.0, max 4.0, mean 3.0
      t: float32[2]
        2.0, 3.0
        min 2.0, max 3.0, mean 2.5
      w: float32[2]
        3.0, 4.0
        min 3.0, max 4.0, mean 3.5

      """)
  }

  @Test func runFetchesPatterns() throws {
    let names = { (arguments: [String]) in
      try onyx(["run", Self.model, "--dim", "batch=1"] + arguments).standardOutput.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map
      { $0.prefix { $0 != ":" } }
    }
    #expect(try names(["--fetch", "linear*", "--fetch", "sigmoid"]) == ["output", "linear", "linear_1", "sigmoid"])
    #expect(try names(["--fetch", "all"]).count == 8)
  }

  @Test func runOnGeneratedInputs() throws {
    let first = try onyx("run", Self.model)
    #expect(
      first.standardError
        == "note: 'x' is generated, with batch = 1, which --dim NAME=N changes; --input FILE gives numbers of your own.\n")
    // A model of fixed sizes says it too.
    let fixed = try onyx("run", "attention/cbam-fc/dynamo-static/model.onnx")
    #expect(fixed.standardError == "note: 'x' is generated; --input FILE gives numbers of your own.\n")
    #expect(first.standardOutput.hasPrefix("output: float32[1,54,8,8]\n"))
    #expect(try onyx("run", Self.model, "--seed", "0").standardOutput == first.standardOutput)
    #expect(try onyx("run", Self.model, "--seed", "1").standardOutput != first.standardOutput)
    #expect(try onyx("run", Self.model, "--random-range", "-2:-1").exitCode == 0)
    let ranged = try onyx("run", Self.model, "--dim", "batch=2", "--random-range", "0:0")
    Self.expectReport(ranged, "output: float32[2,54,8,8]\n  0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, …\n  min 0.0, max 0.0, mean 0.0\n")
  }

  @Test func emptyTensorsAndNotANumber() throws {
    let folder = try TemporaryDirectory()
    let model = try folder.write(Onnx.good, to: "good.onnx")
    Self.expectReport(
      try onyx("run", model, "--dim", "n=0", "--fetch", "t"),
      "y: float32[2]\n  3.0, 4.0\n  min 3.0, max 4.0, mean 3.5\nt: float32[0]\n  (empty)\n")
    let x = try folder.write(Array(#"{"name":"x","type":"float32","shape":[3],"data":["NaN","Infinity",-1]}"#.utf8), to: "x.json")
    let result = try onyx("run", model, "--input", x)
    let text = "y: float32[5]\n  nan, inf, nan, 3.0, 4.0\n  min 3.0, max 4.0, mean 3.5, 3 not finite\n"
    #expect(result.standardOutput == text, "\(result)")
  }

  @Test func test() throws {
    let result = try onyx("test", "digits", "opsets/se-avg")
    #expect(result.exitCode == 0)
    let lines = result.standardOutput.split(separator: "\n")
    #expect(lines.count == 9)
    #expect(lines.first?.hasPrefix("pass  digits  (error ") == true)
    #expect(lines[1].hasPrefix("pass  opsets/se-avg/dynamo-opset18  (error "))
    #expect(lines.last == "8 passed, 0 failed, 0 skipped")
    #expect(messages(result) == "")
  }

  @Test func failedTestsExitWith1() throws {
    let result = try onyx("test", "digits", "--rtol", "0")
    #expect(result.exitCode == 1)
    let lines = result.standardOutput.split(separator: "\n")
    #expect(lines.first == "fail  digits")
    #expect(lines.dropFirst().first?.hasPrefix("      Output 'logits' of digits/test_data_set_0: ") == true)
    #expect(lines.last == "0 passed, 1 failed, 0 skipped")
  }

  @Test func bench() throws {
    let result = try onyx("bench", Self.model, "--dim", "batch=2", "--seconds", "0", "--threads", "1")
    #expect(result.exitCode == 0 && messages(result) == "")
    let lines = result.standardOutput.split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == Self.model)
    #expect(lines[1].hasPrefix("  load ") && lines[2].contains(" over 5 runs, processor time ") && lines[3].contains("  1 thread, "))
    #expect(lines[4].contains(" GFLOP/s, ") && lines[4].contains(" GB/s for 1.30 k MACs and "))
    let paced = try onyx("bench", Self.model, "--dim", "batch=2", "--seconds", "0", "--rate", "100", "--idle", "0.01")
    #expect(
      paced.standardOutput.contains("\n  at 100 runs a second: median ")
        && paced.standardOutput.contains(" over 2 runs\n  idle for 0.01 s: processor time "))
  }
}
