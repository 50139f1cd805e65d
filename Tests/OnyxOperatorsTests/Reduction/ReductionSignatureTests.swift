import Testing

/// Expected: onnx.defs of onnx 1.23.2 (operator set 28).
struct ReductionSignatureTests {
  @Test(arguments: rows) func agreesWithTheSchema(_ row: SchemaRow) throws { try row.check() }

  static let rows: [SchemaRow] = [
    SchemaRow("ReduceSum; 1,11,13; data:T axes:int64?; reduced:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("ReduceMean; 1,11,13,18; data:T axes:int64?; reduced:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "ReduceMax; 1,11,12,13,18,20; data:T axes:int64?; reduced:T; "
        + "T=float32,uint8,int8,int32,int64,bool,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "ReduceMin; 1,11,12,13,18,20; data:T axes:int64?; reduced:T; "
        + "T=float32,uint8,int8,int32,int64,bool,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("ReduceProd; 1,11,13,18; data:T axes:int64?; reduced:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("ReduceL1; 1,11,13,18; data:T axes:int64?; reduced:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("ReduceL2; 1,11,13,18; data:T axes:int64?; reduced:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("ReduceLogSum; 1,11,13,18,28; data:T axes:int64?; reduced:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("ReduceLogSumExp; 1,11,13,18,28; data:T axes:int64?; reduced:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("ReduceSumSquare; 1,11,13,18; data:T axes:int64?; reduced:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "ArgMax; 1,11,12,13; data:T; reduced:int64; "
        + "T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "ArgMin; 1,11,12,13; data:T; reduced:int64; "
        + "T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "TopK; 1,10,11,24; X:T K:int64; Values:T Indices:I; I=int64"
        + " T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("CumSum; 11,14; x:T axis:T2; y:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16 T2=int32,int64"),
    SchemaRow("CumProd; 26; x:T axis:T2; y:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16 T2=int32,int64"),
    SchemaRow("Softmax; 1,11,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("LogSoftmax; 1,11,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Hardmax; 1,11,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
  ]
}
