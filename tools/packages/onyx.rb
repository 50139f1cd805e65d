# Filled in by tools/package formula.
class Onyx < Formula
  desc "Run ONNX models on CPUs and look into them"
  homepage "https://onnx.ai"
  url "@URL@"
  version "@VERSION@"
  sha256 "@SHA256@"
  license "Apache-2.0"

  depends_on "pkgconf" => :build
  depends_on xcode: ["26.0", :build]
  depends_on "jpeg-turbo"
  depends_on "libpng"
  depends_on "libtiff"
  depends_on macos: :tahoe
  depends_on "openjpeg"
  depends_on "protobuf-c"
  depends_on "webp"
  uses_from_macos "swift" => :build
  uses_from_macos "zlib"

  def install
    system "swift", "build", "--disable-sandbox", "-c", "release"
    programs = Utils.safe_popen_read("swift", "build", "-c", "release", "--show-bin-path").strip
    system "tools/package", "stage", prefix, programs
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/onyx --version")
    assert_match "operators are supported", shell_output("#{bin}/onyx coverage")
  end
end
