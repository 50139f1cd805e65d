import Foundation
import OnyxTestSupport
import Testing

/// What a person can type wrong: code 64 (66 for a file that is not there) with the exact text.
@Suite struct UsageTests {
  private static let digits = "digits/model.onnx"
  private static let tensor = "digits/test_data_set_0/input_0.pb"
  private static let picture = "digits/samples/digit-7-1314.png"

  private static let imageFlags =
    "--preprocess, --resize, --crop, --letterbox, --interpolation, --antialias, --scale, --mean, --std and --layout"

  static let errors: [(arguments: String, text: String)] = [
    (
      "sumary \(digits)",
      "There is no command 'sumary'.\n  Did you mean 'summary'?"
    ),
    ("run \(digits) --input imge=\(picture)", "The model has no input 'imge'.\n  Did you mean 'image'? The inputs are: 'image'."),
    ("run \(digits) --fetch relu_88 --input \(picture)", "The graph has no tensor 'relu_88'.\n  Did you mean 'relu_8'?"),
    ("run \(digits) --fetch node_relu --input \(picture)", "The graph has no tensor 'node_relu'.\n  That is a node; it makes 'relu'."),
    ("run \(digits) --fetch rely_8* --input \(picture)", "No tensor that nodes make matches 'rely_8*'.\n  Did you mean 'relu_8'?"),
    (
      "run \(digits) --dim bach=2",
      "The model has no dynamic dimension 'bach'.\n  Did you mean 'batch'? The dynamic dimensions are: 'batch'."
    ),
    (
      "summary \(digits) --dim bach=2",
      "The model has no dynamic dimension 'bach'.\n  Did you mean 'batch'? The dynamic dimensions are: 'batch'."
    ),
    ("run \(digits) --dim batch", "'--dim batch' is not of the form NAME=N.\n  For example --dim batch=4."),
    ("run \(digits) --dim batch=-1", "'--dim batch=-1' is not of the form NAME=N.\n  For example --dim batch=4."),
    (
      "run \(digits) --dim batch=99999999999999999999",
      "'--dim batch=99999999999999999999' is not of the form NAME=N.\n  For example --dim batch=4."
    ),
    ("run \(digits) --dim batch=1 --dim batch=2", "The size of the dimension 'batch' was given twice.\n  Give it once."),
    ("run \(digits) --random-range 1", "'--random-range 1' is not of the form A:B with A ≤ B.\n  For example --random-range 0:1."),
    ("run \(digits) --random-range 1:0", "'--random-range 1:0' is not of the form A:B with A ≤ B.\n  For example --random-range 0:1."),
    (
      "run \(digits) --random-range nan:inf",
      "'--random-range nan:inf' is not of the form A:B with A ≤ B.\n  For example --random-range 0:1."
    ),
    ("run \(digits) --input \(picture) --seed 1", "--seed is for generated inputs, and every input has a file.\n  Leave it out."),
    (
      "run \(digits) --input \(picture) --random-range 0:1",
      "--random-range is for generated inputs, and every input has a file.\n  Leave it out."
    ),
    (
      "run \(digits) --input \(picture) --dim batch=1",
      "--dim batch is for generated inputs, and the inputs with that dimension have files.\n  Leave it out."
    ),
    ("run \(digits) --mean 0.5", "\(imageFlags) are for images, and no input is read from one.\n  Leave them out."),
    (
      "run \(digits) --input digits/test_data_set_0/input_0.pb --scale 2",
      "\(imageFlags) are for images, and no input is read from one.\n  Leave them out."
    ),
    ("run \(digits) --input \(picture) --scale 1/0", "'--scale 1/0' is no number.\n  For example --scale 0.5 or --scale 1/255."),
    ("run \(digits) --input \(picture) --mean a,b", "'--mean a' is no number.\n  For example --mean 0.5 or --mean 1/255."),
    (
      "run \(digits) --input \(tensor) --input \(tensor)",
      "The input 'image' was given twice.\n  Give each input once; --input NAME=FILE says which one a file is for."
    ),
    (
      "run \(digits) --input image=\(tensor) --input image=\(tensor)",
      "The input 'image' was given twice.\n  Give each input once; --input NAME=FILE says which one a file is for."
    ),
    (
      "run attention/sse/dynamo-static/model.onnx --input \(picture) --preprocess none",
      "The input 'x' must be float32[1,16,16,16]; the tensor given is float32[1,3,28,28].\n"
        + "  Give a tensor of that type and shape."
    ),
    (
      "run \(digits) --input digits/test_data_set_0/output_0.pb",
      "The input 'image' must be float32[batch,1,28,28]; the tensor given is float32[8,10].\n"
        + "  Give a tensor of that type and shape; named dimensions can have any size."
    ),
    ("run \(digits) extra", "'extra' belongs to nothing.\n  Files of inputs follow --input."),
    ("help sumary", "There is no command 'sumary'.\n  Did you mean 'summary'?"),
    (
      "run \(digits) --input https://example.org/x.png",
      "'https://example.org/x.png' is an address of the network.\n  Onyx opens local files only; download it first."
    ),
    (
      "run \(digits) --input \(picture) --preprocess imagnet",
      "There is no preset and no file 'imagnet'.\n"
        + "  Did you mean 'imagenet'? The presets are: 'imagenet', 'imagenet-bicubic', 'yolo', 'clip', 'none'."
    ),
    (
      "run \(digits) --input \(picture) --resize 0",
      "'--resize 0' is no size of 1 … 65536 pixels.\n  For example --resize 224 or --resize 480x640, the height first."
    ),
    ("run \(digits) --threads 0", "0 threads were asked for.\n  Use 1 to 1024 threads."),
    ("run \(digits) --disable-kernel mul_f23", "There are no kernels named 'mul_f23'.\n  Did you mean 'mul_f32'?"),
    (
      "explain \(digits) --disable-rewrite fuse-activations",
      "There are no rewrites named 'fuse-activations'.\n  Did you mean 'fuse-activation'?"
    ),
    ("test digits/samples", "'digits/samples' holds no test case.\n  A case is a directory with model.onnx and test_data_set_0."),
  ]

  @Test(arguments: errors.indices) func wrongUsage(_ index: Int) throws {
    let (arguments, text) = Self.errors[index]
    expectError(try onyx(arguments.split(separator: " ").map(String.init)), 64, "error: \(text)\n")
  }

  /// Errors of the flags themselves; the lines after the first tell how the command is used.
  static let flagErrors: [(arguments: String, text: String)] = [
    ("run", "Missing expected argument '<model>'"),
    ("run \(digits) --theads 2", "Unknown option '--theads'. Did you mean '--threads'?"),
    (
      "summary https://example.org/m.onnx",
      "The value 'https://example.org/m.onnx' is invalid for '<model>': Onyx opens local files only; download it first."
    ),
    ("bench --runs 2", "Missing expected argument '<models> ...'"),
    ("summary \(digits) extra", "Unexpected argument 'extra'"),
    ("run \(digits) --threads two", "The value 'two' is invalid for '--threads <N>'"),
    ("run \(digits) --random-range", "Missing value for '--random-range <A:B>'"),
    ("run \(digits) --seed -1", "The value '-1' is invalid for '--seed <N>'"),
    ("run \(digits) --top 0", "'--top 0' is not at least 1."),
    ("run \(digits) --labels digits/labels.txt", "--labels is for --top; give --top K too."),
    ("run \(digits) --format npz", "--format is for --output-dir; give --output-dir DIR too."),
    ("run \(digits) --top 1 --json", "--top and --json exclude each other."),
    ("run \(digits) --memory-budget 0", "'--memory-budget 0' is not a positive number of megabytes."),
    ("run \(digits) --deadline 0", "'--deadline 0.0' is not a positive number of seconds."),
    ("bench \(digits) --deadline nan", "'--deadline nan' is not a positive number of seconds."),
    ("bench \(digits) --seconds nan", "'--seconds nan' does not lie in 0 … 86400."),
    ("bench \(digits) --rate 0", "'--rate 0.0' does not lie in 0.01 … 1000000."),
    ("bench \(digits) --idle inf", "'--idle inf' is not a positive number of seconds up to 86400."),
    ("profile \(digits) --runs 0", "'--runs 0' does not lie in 1 … 100000."),
    ("profile \(digits) --trace", "Missing value for '--trace <FILE>'"),
    ("test digits --rtol -1", "A tolerance must be a number from 0 up."),
    ("test digits --rtol nan", "A tolerance must be a number from 0 up."),
    ("summary \(digits) --json --csv", "--json and --csv exclude each other."),
    ("summary \(digits) --depth -1", "'--depth -1' is not at least 0."),
    ("summary \(digits) --depth 1 --csv", "--depth is for the table; leave it out."),
    ("profile \(digits) --depth -1", "'--depth -1' is not at least 0."),
    ("summary \(digits) --random-range 0:1", "Unknown option '--random-range'"),
    ("check \(digits) --deadline 1", "Unknown option '--deadline'"),
    ("run \(digits) --isa sse", "The value 'sse' is invalid for '--isa <ISA>'"),
  ]

  @Test(arguments: flagErrors.indices) func wrongFlags(_ index: Int) throws {
    let (arguments, text) = Self.flagErrors[index]
    let result = try onyx(arguments.split(separator: " ").map(String.init))
    #expect(result.exitCode == 64 && result.standardOutput == "")
    #expect(result.standardError.hasPrefix("error: \(text)"), "\(result.standardError)")
    let command = arguments.split(separator: " ")[0]
    #expect(result.standardError.contains("Usage: onyx \(command) ") && result.standardError.contains("onyx \(command) --help"))
  }

  static let missing: [(arguments: String, text: String)] = [
    ("run none.onnx", "The file 'none.onnx' does not exist.\n  Check the path."),
    ("summary digits/samples", "The file 'digits/samples' is a folder, not a file.\n  Check the path."),
    ("run \(digits) --input none*.png", "No file matches 'none*.png'.\n  Check the pattern."),
    ("run \(digits) --input none.npy", "There is no file 'none.npy'.\n  Check the path."),
    ("run \(digits) --input image=none.npy", "There is no file 'none.npy'.\n  Check the path."),
    ("run \(digits) --top 1 --labels none.txt", "There is no file 'none.txt'.\n  Check the path."),
    ("test none", "There is no directory 'none'.\n  Give a directory with ONNX backend cases."),
    ("coverage \(digits) none.onnx", "The file 'none.onnx' does not exist.\n  Check the path."),
  ]

  @Test(arguments: missing.indices) func missingFiles(_ index: Int) throws {
    let (arguments, text) = Self.missing[index]
    expectError(try onyx(arguments.split(separator: " ").map(String.init)), 66, "error: \(text)\n")
  }

  @Test func wrongTypeAndLabels() throws {
    let folder = try TemporaryDirectory()
    let double = try folder.write(Array(#"{"name":"x","type":"float64","shape":[1],"data":[4]}"#.utf8), to: "x.json")
    let model = try folder.write(Onnx.good, to: "good.onnx")
    expectError(
      try onyx("run", model, "--input", double), 64,
      "error: The input 'x' must be float32[n]; the tensor given is float64[1].\n"
        + "  Convert its numbers first: x.astype(\"float32\") in NumPy.\n"
    )
    let labels = try folder.write(Array("a\r\nb\r\n".utf8), to: "labels.txt")
    expectError(
      try onyx("run", Self.digits, "--input", Self.picture, "--top", "1", "--labels", labels), 64,
      "error: The labels file has 2 lines; the output has 10 classes.\n  Give a file with one line for each class.\n")
  }

  @Test func budgetsEndWith75() throws {
    let memory = try onyx("run", Self.digits, "--dim", "batch=1000", "--memory-budget", "1")
    #expect(memory.exitCode == 75 && memory.standardOutput == "")
    #expect(
      messages(memory).hasPrefix("error: The run needs ")
        && memory.standardError.contains("the memory budget is 1048576.\n  Use smaller inputs or raise the memory budget.\n"))
    let check = try onyx("check", Self.digits, "--dim", "batch=1000", "--memory-budget", "1", "--json")
    #expect(check.exitCode == 75)
    #expect(try json(check)["code"] as? Int == 75)
    expectError(
      try onyx("run", Self.digits, "--input", Self.picture, "--deadline", "0.000001"), 75,
      "error: The deadline of the run has passed.\n  Allow more time or use smaller inputs.\n")
    let huge = try onyx("run", Self.digits, "--dim", "batch=1099511627776")
    #expect(huge.exitCode == 75 && huge.standardOutput == "", "\(huge)")
  }

  @Test func helpIsForEveryCommand() throws {
    for arguments in [[], ["--help"], ["-h"], ["help"]] {
      let result = try onyx(arguments)
      #expect(result.exitCode == 0 && result.standardError == "")
      #expect(result.standardOutput.hasPrefix("OVERVIEW: Runs ONNX graphs on the CPU and tells what is in them.\n"))
      for code in ["64 wrong usage", "69 unsupported", "75 a memory budget"] {
        #expect(result.standardOutput.replacing("\n", with: " ").contains(code))
      }
    }
    for command in ["run", "summary", "graph", "coverage", "check", "explain", "bench", "profile", "test", "compare"] {
      let result = try onyx(command, "--help")
      #expect(result.exitCode == 0 && result.standardError == "")
      #expect(result.standardOutput.hasPrefix("OVERVIEW: ") && result.standardOutput.contains("\nUSAGE: onyx \(command) "))
      #expect(try onyx("help", command).standardOutput == result.standardOutput)
      // A value is named by what it is, never by the flag again.
      let flags = result.standardOutput.matches(of: /--([a-z-]+) <([a-z-]+)>/).filter { $0.output.1 == $0.output.2 }
      #expect(flags.isEmpty, "\(command): \(flags.map(\.output.0))")
    }
  }

  @Test func aClosedPipeIsNoCrash() throws {
    let executable = try #require(onyxExecutable).path(percentEncoded: false)
    for command in ["coverage", "summary digits/model.onnx", "run digits/model.onnx --json --fetch relu", "--help"] {
      let script = "'\(executable)' \(command) | head -n 1; exit ${PIPESTATUS[0]}"
      let result = try runProcess(URL(filePath: "/bin/bash"), ["-c", script], directory: Repository.models)
      // 141: ended by SIGPIPE, as every Unix command.
      #expect(result.exitCode == 0 || result.exitCode == 141)
      #expect(result.standardOutput.split(separator: "\n").count == 1)
      #expect(result.standardError == "" || result.standardError.hasPrefix("note: "))
    }
  }
}
