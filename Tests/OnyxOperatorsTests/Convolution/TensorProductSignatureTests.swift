import Testing

/// Convolutions, pools, matrix products, normalizations, quantization and attention.
/// Expected: onnx.defs of onnx 1.23.2 (operator set 28).
struct TensorProductSignatureTests {
  @Test(arguments: rows) func agreesWithTheSchema(_ row: SchemaRow) throws { try row.check() }

  static let rows: [SchemaRow] = [
    SchemaRow("Conv; 1,11,22; X:T W:T B:T?; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("ConvTranspose; 1,11,22; X:T W:T B:T?; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("ConvInteger; 10; x:T1 w:T2 x_zero_point:T1? w_zero_point:T2?; y:T3; T1=uint8,int8 T2=uint8,int8 T3=int32"),
    SchemaRow(
      "QLinearConv; 10; x:T1 x_scale:float32 x_zero_point:T1 w:T2 w_scale:float32 w_zero_point:T2 y_scale:float32 "
        + "y_zero_point:T3 B:T4?; y:T3; T1=uint8,int8 T2=uint8,int8 T3=uint8,int8 T4=int32"),
    SchemaRow("MatMul; 1,9,13; A:T B:T; Y:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("MatMulInteger; 10; A:T1 B:T2 a_zero_point:T1? b_zero_point:T2?; Y:T3; T1=uint8,int8 T2=uint8,int8 T3=int32"),
    SchemaRow(
      "QLinearMatMul; 10,21; a:T1 a_scale:TS a_zero_point:T1 b:T2 b_scale:TS b_zero_point:T2 y_scale:TS y_zero_point:T3; y:T3; "
        + "T1=uint8,int8,float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz T2=uint8,int8,float8e4m3fn,float8e4m3fnuz,"
        + "float8e5m2,float8e5m2fnuz T3=uint8,int8,float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz TS=float32,float16,"
        + "bfloat16"),
    SchemaRow("Gemm; 1,6,7,9,11,13; A:T B:T C:T?; Y:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Einsum; 12,28; Inputs:T*; Output:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("AveragePool; 1,7,10,11,19,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("MaxPool; 1,8,10,11,12,22; X:T; Y:T Indices:I?; I=int64 T=float32,uint8,int8,float16,float64,bfloat16"),
    SchemaRow("LpPool; 1,2,11,18,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("MaxUnpool; 9,11,22; X:T1 I:T2 output_shape:T2?; output:T1; T1=float32,float16,float64,bfloat16 T2=int64"),
    SchemaRow("GlobalAveragePool; 1,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("GlobalMaxPool; 1,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("GlobalLpPool; 1,2,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow(
      "BatchNormalization; 1,6,7,9,14,15; X:T scale:T1 B:T1 input_mean:T2 input_var:T2; Y:T running_mean:T2? running_var:T2?; "
        + "T=float32,float16,float64,bfloat16 T1=float32,float16,float64,bfloat16 T2=float32,float16,float64,bfloat16"),
    SchemaRow("InstanceNormalization; 1,6,22; input:T scale:T B:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("GroupNormalization; 18,21; X:T scale:T bias:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow(
      "LayerNormalization; 17; X:T Scale:T B:T?; Y:T Mean:U? InvStdDev:U?; T=float32,float16,float64,bfloat16 U=float32,"
        + "bfloat16"),
    SchemaRow("RMSNormalization; 23; X:T scale:V; Y:V; T=float32,float16,float64,bfloat16 V=float32,float16,float64,bfloat16"),
    SchemaRow("LRN; 1,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("LpNormalization; 1,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("MeanVarianceNormalization; 9,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow(
      "QuantizeLinear; 10,13,19,21,23,24,25,28; x:T1 y_scale:T2 y_zero_point:T3?; y:T3; T1=float32,int32,float16,bfloat16 "
        + "T2=float32,int32,float16,bfloat16,float8e8m0 T3=uint8,int8,uint16,int16,float8e4m3fn,float8e4m3fnuz,float8e5m2,"
        + "float8e5m2fnuz,uint4,int4,float4e2m1,uint2,int2,float6e2m3,float6e3m2"),
    SchemaRow(
      "DequantizeLinear; 10,13,19,21,23,24,25,28; x:T1 x_scale:T2 x_zero_point:T1?; y:T3; T1=uint8,int8,uint16,int16,int32,"
        + "float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz,uint4,int4,float4e2m1,uint2,int2,float6e2m3,float6e3m2 "
        + "T2=float32,float16,bfloat16,"
        + "float8e8m0 T3=float32,float16,bfloat16"),
    SchemaRow("DynamicQuantizeLinear; 11; x:T1; y:T2 y_scale:float32 y_zero_point:T2; T1=float32 T2=uint8"),
    SchemaRow(
      "Attention; 23,24,25; Q:T1 K:T1 V:T2 attn_mask:U? past_key:T1? past_value:T2? nonpad_kv_seqlen:int64?; Y:T1 "
        + "present_key:T1? present_value:T2? qk_matmul_output:T1?; T1=float32,float16,float64,bfloat16 T2=float32,float16,float64,"
        + "bfloat16 U=float32,uint8,int8,uint16,int16,int32,int64,bool,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("RotaryEmbedding; 23; X:T cos_cache:T sin_cache:T position_ids:M?; Y:T; M=int64 T=float32,float16,bfloat16"),
  ]
}
