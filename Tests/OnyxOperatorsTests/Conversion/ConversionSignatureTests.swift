import Testing

/// Expected: onnx.defs of onnx 1.23.2 (operator set 28).
struct ConversionSignatureTests {
  @Test(arguments: rows) func agreesWithTheSchema(_ row: SchemaRow) throws { try row.check() }

  static let rows: [SchemaRow] = [
    SchemaRow(
      "Cast; 1,6,9,13,19,21,23,24,25,28; input:T1; output:T2; "
        + "T1=float32,uint8,int8,uint16,int16,int32,int64,string,bool,float16,float64,uint32,uint64,bfloat16,float8e4m3fn,"
        + "float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,float8e8m0,uint2,int2,float6e2m3,float6e3m2"
        + " T2=float32,uint8,int8,uint16,int16,int32,int64,string,bool,float16,float64,uint32,uint64,bfloat16,float8e4m3fn,"
        + "float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,float8e8m0,uint2,int2,float6e2m3,float6e3m2"),
    SchemaRow(
      "CastLike; 15,19,21,23,24,25; input:T1 target_type:T2; output:T2; "
        + "T1=float32,uint8,int8,uint16,int16,int32,int64,string,bool,float16,float64,uint32,uint64,bfloat16,float8e4m3fn,"
        + "float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,float8e8m0,uint2,int2"
        + " T2=float32,uint8,int8,uint16,int16,int32,int64,string,bool,float16,float64,uint32,uint64,bfloat16,float8e4m3fn,"
        + "float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,float8e8m0,uint2,int2"),
    SchemaRow(
      "BitCast; 26; input:T1; output:T2; "
        + "T1=float32,uint8,int8,uint16,int16,int32,int64,bool,float16,float64,uint32,uint64,complex64,complex128,bfloat16,"
        + "float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,float8e8m0,uint2,int2"
        + " T2=float32,uint8,int8,uint16,int16,int32,int64,bool,float16,float64,uint32,uint64,complex64,complex128,bfloat16,"
        + "float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,float8e8m0,uint2,int2"),
  ]
}
