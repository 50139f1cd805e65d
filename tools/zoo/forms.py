"""Other forms of exported networks, in float16 and int8, and models of scikit-learn. Expected outputs are ONNX Runtime's."""

import numpy as np
import onnx

from export import onnxfiles

FLOAT16 = ("seresnet18", "mobilenetv3_large_100", "vit_tiny_patch16_224", "unet-scse")
INT8 = ("seresnet18", "resnet50", "mobilenetv3_large_100")


def half(source, target):
    """The model in float16, inputs and outputs too."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    onnx.save(convert_float_to_float16(onnx.load(source)), target)


class Calibration:
    """Seeded pictures, as ONNX Runtime's quantization asks for them."""

    def __init__(self, name, shape):
        rng = np.random.default_rng(onnxfiles.seed_of(name))
        self.rest = [{"x0": rng.normal(size=shape).astype(np.float32)} for _ in range(3)]

    def get_next(self):
        """The next inputs; None after the last."""
        return self.rest.pop() if self.rest else None


def quantized(source, target):
    """The model with QuantizeLinear and DequantizeLinear around its operators, weights by channel."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    shape = [size.dim_value for size in onnx.load(source).graph.input[0].type.tensor_type.shape.dim]
    options = dict(quant_format=QuantFormat.QDQ, per_channel=True, weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8)
    quantize_static(str(source), str(target), Calibration(source.parent.parent.name, shape), **options)


def learned():
    """Models of scikit-learn on a seeded table, by name: the fitted model and whether it has texts in a column."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    classes, values = (x[:, 0] + x[:, 1] ** 2 > 1).astype(np.int64) + (x[:, 2] > 0.5), x[:, 0] * x[:, 1]
    coded = np.concatenate([x[:, :3], rng.integers(0, 4, (200, 1))], 1).astype(np.float32)
    columns = ColumnTransformer([("scaled", StandardScaler(), [0, 1, 2]), ("coded", OneHotEncoder(handle_unknown="ignore"), [3])])
    return {
        "random-forest": RandomForestClassifier(20, max_depth=6, random_state=1).fit(x, classes),
        "forest-regressor": RandomForestRegressor(20, max_depth=6, random_state=1).fit(x, values),
        "gradient-boosting": GradientBoostingClassifier(n_estimators=20, random_state=1).fit(x, classes > 0),
        "svc": SVC(random_state=1).fit(x, classes),
        "pipeline": make_pipeline(columns, LogisticRegression()).fit(coded, classes),
    }


def convert(model, path):
    """Writes a model of scikit-learn."""
    from skl2onnx import to_onnx

    options = {} if not hasattr(model, "classes_") else {"zipmap": False}
    width = model.n_features_in_
    path.write_bytes(to_onnx(model, np.zeros((1, width), np.float32), options=options, target_opset=18).SerializeToString())


def made(path, make):
    """The path of the model, made when it is not there, or why it cannot be."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            make(path)
        except Exception as error:  # a converter that cannot is no fault of a runtime
            path.unlink(missing_ok=True)
            return f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return path


def networks(cache, group, wanted=()):
    """(name, path or why there is none, sizes of its inputs) of a group."""
    if group == "forms":
        for form, names, change in (("float16", FLOAT16, half), ("int8", INT8, quantized)):
            for name in names:
                source = cache / "exports" / name / "torchscript" / "model.onnx"
                label = f"{name}-{form}"
                if not wanted or any(word in label for word in wanted):
                    missing = f"the export of {name} comes first"
                    yield (
                        label,
                        made(cache / "forms" / label / "model.onnx", lambda path: change(source, path)) if source.exists() else missing,
                        {},
                    )
    else:
        models = learned()
        for name, model in models.items():
            if not wanted or any(word in name for word in wanted):
                yield name, made(cache / "learning" / name / "model.onnx", lambda path: convert(model, path)), {"X": (16,)}
