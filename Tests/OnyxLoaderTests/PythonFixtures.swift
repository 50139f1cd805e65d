// Made by tools/proto/make_fixtures.py from onnx 1.23.2.

import OnyxTensor

/// One tensor as the reference implementation writes it, and its elements; complex numbers are two values each.
struct TensorFixture: Sendable {
  let type: ElementType
  let raw: String
  let typed: String
  let values: [Double]

  init(_ type: ElementType, raw: String, typed: String, values: [Double]) {
    self.type = type
    self.raw = raw
    self.typed = typed
    self.values = values
  }

  static let all: [TensorFixture] = [
    TensorFixture(
      .float32, raw: "CAUQAUIBdEoUAAAAAAAAgD8AAAC/AADgPwAAAMA=",
      typed: "CAUQASIUAAAAAAAAgD8AAAC/AADgPwAAAMBCAXQ=",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .uint8, raw: "CAUQAkIBdEoFAAF/gP8=",
      typed: "CAUQAioHAAF/gAH/AUIBdA==",
      values: [0.0, 1.0, 127.0, 128.0, 255.0]),
    TensorFixture(
      .int8, raw: "CAUQA0IBdEoFAAH/f4A=",
      typed: "CAUQAyoXAAH///////////8Bf4D//////////wFCAXQ=",
      values: [0.0, 1.0, -1.0, 127.0, -128.0]),
    TensorFixture(
      .uint16, raw: "CAUQBEIBdEoKAAABAACA//8HAA==",
      typed: "CAUQBCoJAAGAgAL//wMHQgF0",
      values: [0.0, 1.0, 32768.0, 65535.0, 7.0]),
    TensorFixture(
      .int16, raw: "CAUQBUIBdEoKAAD///9/AIAHAA==",
      typed: "CAUQBSoZAP///////////wH//wGAgP7///////8BB0IBdA==",
      values: [0.0, -1.0, 32767.0, -32768.0, 7.0]),
    TensorFixture(
      .int32, raw: "CAUQBkIBdEoUAAAAAP////////9/AAAAgAcAAAA=",
      typed: "CAUQBiobAP///////////wH/////B4CAgID4/////wEHQgF0",
      values: [0.0, -1.0, 2147483647.0, -2147483648.0, 7.0]),
    TensorFixture(
      .int64, raw: "CAUQB0IBdEooAAAAAAAAAAD//////////wAAAAAAACAAAAAAAAAA4P8HAAAAAAAAAA==",
      typed: "CAUQBzoeAP///////////wGAgICAgICAEICAgICAgIDw/wEHQgF0",
      values: [0.0, -1.0, 9007199254740992.0, -9007199254740992.0, 7.0]),
    TensorFixture(
      .bool, raw: "CAUQCUIBdEoFAQABAQA=",
      typed: "CAUQCSoFAQABAQBCAXQ=",
      values: [1.0, 0.0, 1.0, 1.0, 0.0]),
    TensorFixture(
      .float16, raw: "CAUQCkIBdEoKAAAAPAC4AD8AwA==",
      typed: "CAUQCioLAIB4gPACgH6AgANCAXQ=",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .float64, raw: "CAUQC0IBdEooAAAAAAAAAAAAAAAAAADwPwAAAAAAAOC/AAAAAAAA/D8AAAAAAAAAwA==",
      typed: "CAUQC0IBdFIoAAAAAAAAAAAAAAAAAADwPwAAAAAAAOC/AAAAAAAA/D8AAAAAAAAAwA==",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .uint32, raw: "CAUQDEIBdEoUAAAAAAEAAAD/////AAAAgAcAAAA=",
      typed: "CAUQDEIBdFoNAAH/////D4CAgIAIBw==",
      values: [0.0, 1.0, 4294967295.0, 2147483648.0, 7.0]),
    TensorFixture(
      .uint64, raw: "CAUQDUIBdEooAAAAAAAAAAABAAAAAAAAAAAAAAAAACAAAAAAAAAAEAAHAAAAAAAAAA==",
      typed: "CAUQDUIBdFoTAAGAgICAgICAEICAgICAgIAIBw==",
      values: [0.0, 1.0, 9007199254740992.0, 4503599627370496.0, 7.0]),
    TensorFixture(
      .complex64, raw: "CAUQDkIBdEooAACAPwAAAEAAAAC/AAAAAAAAAAAAAEDAAACAQAAAgEAAAIA+AACAvg==",
      typed: "CAUQDiIoAACAPwAAAEAAAAC/AAAAAAAAAAAAAEDAAACAQAAAgEAAAIA+AACAvkIBdA==",
      values: [1.0, 2.0, -0.5, 0.0, 0.0, -3.0, 4.0, 4.0, 0.25, -0.25]),
    TensorFixture(
      .complex128,
      raw: "CAUQD0IBdEpQAAAAAAAA8D8AAAAAAAAAQAAAAAAAAOC/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAjAAAAAAAAAEEAAAAAAAAAQQAAAAAAAANA/AAAAAAAA0L8=",
      typed: "CAUQD0IBdFJQAAAAAAAA8D8AAAAAAAAAQAAAAAAAAOC/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAjAAAAAAAAAEEAAAAAAAAAQQAAAAAAAANA/AAAAAAAA0L8=",
      values: [1.0, 2.0, -0.5, 0.0, 0.0, -3.0, 4.0, 4.0, 0.25, -0.25]),
    TensorFixture(
      .bfloat16, raw: "CAUQEEIBdEoKAACAPwC/4D8AwA==",
      typed: "CAUQECoLAIB/gP4C4H+AgANCAXQ=",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .float8e4m3fn, raw: "CAUQEUIBdEoFADiwPsA=",
      typed: "CAUQESoHADiwAT7AAUIBdA==",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .float8e4m3fnuz, raw: "CAUQEkIBdEoFAEC4Rsg=",
      typed: "CAUQEioHAEC4AUbIAUIBdA==",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .float8e5m2, raw: "CAUQE0IBdEoFADy4P8A=",
      typed: "CAUQEyoHADy4AT/AAUIBdA==",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .float8e5m2fnuz, raw: "CAUQFEIBdEoFAEC8Q8Q=",
      typed: "CAUQFCoHAEC8AUPEAUIBdA==",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .uint4, raw: "CAUQFUIBdEoD8HgB",
      typed: "CAUQFSoE8AF4AUIBdA==",
      values: [0.0, 15.0, 8.0, 7.0, 1.0]),
    TensorFixture(
      .int4, raw: "CAUQFkIBdEoDgPcD",
      typed: "CAUQFioFgAH3AQNCAXQ=",
      values: [0.0, -8.0, 7.0, -1.0, 3.0]),
    TensorFixture(
      .float4e2m1, raw: "CAUQF0IBdEoDEF8D",
      typed: "CAUQFyoDEF8DQgF0",
      values: [0.0, 0.5, -6.0, 3.0, 1.5]),
    TensorFixture(
      .float8e8m0, raw: "CAUQGEIBdEoFf4B+/gA=",
      typed: "CAUQGCoHf4ABfv4BAEIBdA==",
      values: [1.0, 2.0, 0.5, 1.7014118346046923e+38, 5.877471754111438e-39]),
    TensorFixture(
      .uint2, raw: "CAUQGUIBdEoCbAM=",
      typed: "CAUQGSoCbANCAXQ=",
      values: [0.0, 3.0, 2.0, 1.0, 3.0]),
    TensorFixture(
      .int2, raw: "CAUQGkIBdEoC2AE=",
      typed: "CAUQGioD2AEBQgF0",
      values: [0.0, -2.0, 1.0, -1.0, 1.0]),
    TensorFixture(
      .float6e2m3, raw: "CAUQG0IBdEoEAEI6MA==",
      typed: "CAUQGyoFAAgkDjBCAXQ=",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
    TensorFixture(
      .float6e3m2, raw: "CAUQHEIBdEoEAIM+MA==",
      typed: "CAUQHCoFAAwoDzBCAXQ=",
      values: [0.0, 1.0, -0.5, 1.75, -2.0]),
  ]
}

/// Whole models in base64.
enum ModelFixture {
  static let functions =
    "CAoSBnB5dGhvbjpXCigKAXgSAXkaBGNhbGwiBW91dGVyKgwKBXdoZXJlGAGgAQI6BWxvY2FsEgFnWhMKAXgSDgoMCAESCAoCCAIKAggDYhMKAXkSDgoMCAES"
    + "CAoCCAQKAggGQgQKABAVQgkKBWxvY2FsEAHKAXgKBW91dGVyIgF4KgF5MgV3aGVyZToeCgF4CgF4EgF0GgVmaXJzdCIFaW5uZXI6BWxvY2FsOioKAXQKAXQS"
    + "AXkiBWlubmVyKhEKBGF4aXOgAQKqAQV3aGVyZToFbG9jYWxKBAoAEA1KCQoFbG9jYWwQAVIFbG9jYWzKAWUKBWlubmVyIgFhIgFiKgFjOhIKAWESAXQaBHJv"
    + "b3QiBFNxcnQ6JQoBdAoBYhIBYyIGQ29uY2F0KhAKBGF4aXOgAQKqAQRheGlzOgBKBAoAEA1SBWxvY2FsWgsKBGF4aXMYAKABAg=="
  static let captures =
    "CAoSBnB5dGhvbjqsAwryAgoEZmxhZxIBeRoIb3V0ZXJfaWYiAklmKkgKC2Vsc2VfYnJhbmNoMjYKFgoBeBIFcGxhaW4iClJlY2lwcm9jYWwSBnNpbXBsZWIU"
    + "CgVwbGFpbhILCgkIARIFCgMSAW6gAQUqjgIKC3RoZW5fYnJhbmNoMvsBCh4KAXgSBm1pZGRsZRoLbWFrZV9taWRkbGUiBFNxcnQKvAEKBGZsYWcSA291dBoI"
    + "aW5uZXJfaWYiAklmKkUKC2Vsc2VfYnJhbmNoMjMKEgoBeBIHc2hhbGxvdyIEU3FydBIFb3RoZXJiFgoHc2hhbGxvdxILCgkIARIFCgMSAW6gAQUqWgoLdGhl"
    + "bl9icmFuY2gySAomCgF4CgZtaWRkbGUSBGRlZXAiBkNvbmNhdCoLCgRheGlzGACgAQISCWlubmVybW9zdGITCgRkZWVwEgsKCQgBEgUKAxIBbqABBRIGbWlk"
    + "ZGxlYhIKA291dBILCgkIARIFCgMSAW6gAQUSAWdaEAoBeBILCgkIARIFCgMSAW5aDgoEZmxhZxIGCgQICRIAYhAKAXkSCwoJCAESBQoDEgFuQgQKABAV"
  static let everything =
    "CAsSBnB5dGhvbhoDMS4wIgtvcmcuZXhhbXBsZSgHMghBIG1vZGVsLjqWBArLAgoBeAoACgF3EgF5GgNvZGQiA09kZCoRCgdhX2Zsb2F0FQAAwD+gAQEqLgoI"
    + "YV9zcGFyc2WgAQuyAR4KCggBEAFKBAAAoEASDggBEAdKCAEAAAAAAAAAGAMqEwoIYV9zdHJpbmciBHRleHSgAQMqJQoIYV90ZW5zb3IqFggCEAdKEAEAAAAA"
    + "AAAAAgAAAAAAAACgAQQqHAoGYV90eXBlcg8KDQgBEgkKAggBCgMSAW6gAQ0qFgoGYW5faW50GP3//////////wGgAQIqFQoGZmxvYXRzPQAAgD89AAAAQKAB"
    + "BioNCgRpbnRzQARABaABByoSCgdzdHJpbmdzSgFwSgFxoAEIKhYKB3RlbnNvcnNSCBABSgQAAOBAoAEJKhQKBXR5cGVzeggiBgoECgIIB6ABDjoGY3VzdG9t"
    + "Sg8KBXNjb3BlEgZsYXllcjESAWcqEQgCEAFCAXdKCAAAQEAAAIBAWhoKAXgSFQoTCAESDwoHEgViYXRjaAoACgIIA1oPCgF3EgoKCAgBEgQKAggCYhQKAXkS"
    + "DwoNCAESCQoHEgViYXRjaHIWCgF4EhEKDFNDQUxFX1RFTlNPUhIBd3pGChYIAhABQgZzcGFyc2VKCAAAgD8AAABAEigIAggCEAdKIAAAAAAAAAAAAQAAAAAA"
    + "AAABAAAAAAAAAAAAAAAAAAAAGAIYAoIBDAoFZ3JhcGgSA3llc0IECgAQFUIKCgZjdXN0b20QA3ISCgZhdXRob3ISCHNvbWVib2R5"
  static let old =
    "CAMSBnB5dGhvbjppCh4KAXgKAXcSAXkiBkNvbmNhdCoLCgRheGlzGACgAQISAWcqEQgCEAFCAXdKCAAAQEAAAIBAWg8KAXgSCgoICAESBAoCCAJaDwoBdxIK"
    + "CggIARIECgIIAmIPCgF5EgoKCAgBEgQKAggEQgQKABAI"
}
