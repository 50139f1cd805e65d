// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: addresses are those of `Handle`, and places and texts live as long as the call.

import COnyx
import Onyx

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a model file says of itself.
private struct Metadata: Encodable {
  let producer, producerVersion, domain: String
  let version: Int
  let documentation: String
  let graph: String
  let irVersion: Int
  let opsets: [String: Int]
  let properties: [String: String]
  let inputs, outputs: [TensorSpecification]

  init(_ model: Model) {
    (producer, producerVersion, domain) = (model.producerName, model.producerVersion, model.domain)
    (version, documentation, irVersion) = (model.version, model.documentation, model.irVersion)
    graph = model.graphName
    (opsets, properties) = (model.opsets, model.metadata)
    (inputs, outputs) = (model.inputs, model.outputs)
  }
}

private func report(
  _ model: Model, _ kind: UnsafePointer<CChar>?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) throws(OnyxError) {
  guard let place = unsafe place else { throw .usage("There is no place for the report.") }
  let name = unsafe try CText.read(kind, "kind of the report")
  let text =
    switch name {
    case "summary": try JSONText.encode(model.summary())
    case "coverage": try JSONText.encode(model.coverage())
    case "attention": try JSONText.encode(model.attentionBlocks())
    case "metadata": try JSONText.encode(Metadata(model))
    case "summary_text": try model.summary().description
    case "coverage_text": model.coverage().description
    default:
      throw OnyxError.usage(
        "There is no report '\(name)'.",
        remedy: "There are: summary, coverage, attention, metadata, summary_text, coverage_text.")
    }
  unsafe place.pointee = try CText.given(text)
}

@c @implementation public func onyx_model_report(
  _ path: UnsafePointer<CChar>!, _ kind: UnsafePointer<CChar>!, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!,
  _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in unsafe try report(Model(path: CText.read(path, "path")), kind, place) }
}

@c @implementation public func onyx_model_report_bytes(
  _ bytes: UnsafeRawPointer!, _ byteCount: Int, _ directory: UnsafePointer<CChar>!, _ kind: UnsafePointer<CChar>!,
  _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in unsafe try report(model(bytes, byteCount, directory), kind, place) }
}

@c @implementation public func onyx_session_report(
  _ session: OpaquePointer!, _ kind: UnsafePointer<CChar>!, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!,
  _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in unsafe try report(SessionHandle.of(session).model, kind, place) }
}

@c @implementation public func onyx_text_release(_ text: UnsafeMutablePointer<CChar>!) { unsafe free(text) }
