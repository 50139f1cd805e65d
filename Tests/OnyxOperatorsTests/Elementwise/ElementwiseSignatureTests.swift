import Testing

/// Expected: onnx.defs of onnx 1.23.2 (operator set 28).
struct ElementwiseSignatureTests {
  @Test(arguments: rows) func agreesWithTheSchema(_ row: SchemaRow) throws { try row.check() }

  static let rows: [SchemaRow] = [
    SchemaRow("Sqrt; 1,6,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Reciprocal; 1,6,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Exp; 1,6,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Log; 1,6,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Sin; 7,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Cos; 7,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Tan; 7,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Asin; 7,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Acos; 7,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Atan; 7,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Sinh; 9,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Cosh; 9,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Tanh; 1,6,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Asinh; 9,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Acosh; 9,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Atanh; 9,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Erf; 9,13; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Sigmoid; 1,6,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Softplus; 1,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Softsign; 1,22; input:T; output:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Floor; 1,6,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Ceil; 1,6,13; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Round; 11,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Abs; 1,6,13; X:T; Y:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Neg; 1,6,13; X:T; Y:T; T=float32,int8,int16,int32,int64,float16,float64,bfloat16"),
    SchemaRow("Sign; 9,13; input:T; output:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Relu; 1,6,13,14; X:T; Y:T; T=float32,int8,int16,int32,int64,float16,float64,bfloat16"),
    SchemaRow("Not; 1; X:T; Y:T; T=bool"),
    SchemaRow("BitwiseNot; 18; X:T; Y:T; T=uint8,int8,uint16,int16,int32,int64,uint32,uint64"),
    SchemaRow(
      "IsNaN; 9,13,20; X:T1; Y:T2; T1=float32,float16,float64,bfloat16,float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz"
        + " T2=bool"),
    SchemaRow(
      "IsInf; 10,20; X:T1; Y:T2; T1=float32,float16,float64,bfloat16,float8e4m3fn,float8e4m3fnuz,float8e5m2,float8e5m2fnuz T2=bool"),
    SchemaRow("LeakyRelu; 1,6,16; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("SwiGLU; 28; A:T B:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("PRelu; 1,6,7,9,16; X:T slope:T; Y:T; T=float32,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "Clip; 1,6,11,12,13; input:T min:T? max:T?; output:T; "
        + "T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Elu; 1,6,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Selu; 1,6,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Celu; 12,28; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("HardSigmoid; 1,6,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("HardSwish; 14,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Gelu; 20; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Mish; 18,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("ThresholdedRelu; 10,22; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Shrink; 9; input:T; output:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64"),
    SchemaRow("Swish; 24; X:T; Y:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Add; 1,6,7,13,14; A:T B:T; C:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Sub; 1,6,7,13,14; A:T B:T; C:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Mul; 1,6,7,13,14; A:T B:T; C:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Div; 1,6,7,13,14; A:T B:T; C:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Mod; 10,13,28; A:T B:T; C:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow(
      "Pow; 1,7,12,13,15; X:T Y:T1; Z:T; T=float32,int32,int64,float16,float64,bfloat16"
        + " T1=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Max; 1,6,8,12,13; data_0:T*; max:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Min; 1,6,8,12,13; data_0:T*; min:T; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"),
    SchemaRow("Sum; 1,6,8,13; data_0:T*; sum:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("Mean; 1,6,8,13; data_0:T*; mean:T; T=float32,float16,float64,bfloat16"),
    SchemaRow("And; 1,7; A:T B:T; C:T1; T=bool T1=bool"),
    SchemaRow("Or; 1,7; A:T B:T; C:T1; T=bool T1=bool"),
    SchemaRow("Xor; 1,7; A:T B:T; C:T1; T=bool T1=bool"),
    SchemaRow("BitwiseAnd; 18; A:T B:T; C:T; T=uint8,int8,uint16,int16,int32,int64,uint32,uint64"),
    SchemaRow("BitwiseOr; 18; A:T B:T; C:T; T=uint8,int8,uint16,int16,int32,int64,uint32,uint64"),
    SchemaRow("BitwiseXor; 18; A:T B:T; C:T; T=uint8,int8,uint16,int16,int32,int64,uint32,uint64"),
    SchemaRow("BitShift; 11,28; X:T Y:T; Z:T; T=uint8,int8,uint16,int16,int32,int64,uint32,uint64"),
    SchemaRow(
      "Equal; 1,7,11,13,19; A:T B:T; C:T1; "
        + "T=float32,uint8,int8,uint16,int16,int32,int64,string,bool,float16,float64,uint32,uint64,bfloat16 T1=bool"),
    SchemaRow(
      "Less; 1,7,9,13; A:T B:T; C:T1; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16 T1=bool"),
    SchemaRow(
      "Greater; 1,7,9,13; A:T B:T; C:T1; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"
        + " T1=bool"),
    SchemaRow(
      "LessOrEqual; 12,16; A:T B:T; C:T1; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"
        + " T1=bool"),
    SchemaRow(
      "GreaterOrEqual; 12,16; A:T B:T; C:T1; T=float32,uint8,int8,uint16,int16,int32,int64,float16,float64,uint32,uint64,bfloat16"
        + " T1=bool"),
    SchemaRow(
      "Where; 9,16; condition:B X:T Y:T; output:T; B=bool"
        + " T=float32,uint8,int8,uint16,int16,int32,int64,string,bool,float16,float64,uint32,uint64,complex64,complex128,bfloat16"),
    SchemaRow("Range; 11,27; start:T limit:T delta:T; output:T; T=float32,int16,int32,int64,float16,float64,bfloat16"),
  ]
}
