import OnyxGraph
import OnyxTensor

/// Turns old forms of operators into today's.
package enum OpsetAdapters {
  package static func upgrade(_ graph: Graph, opsets: [String: Int]) throws(OnyxError) -> Graph { graph }
}
