"""Classical machine learning: the domain ai.onnx.ml."""

import numpy as np
from onnx import TensorProto, helper

from differential_cases.case import draws, element

TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT")


def table(d, columns):
    """Rows of numbers."""
    return d.tensor(0, (d.integer(1, 4), columns), "plain")


@draws("ArrayFeatureExtractor")
def extract(d):
    """Columns in any order, some twice."""
    shape = d.shape(1, 3, 0)
    return d.case([d.tensor(0, shape, "plain"), d.rng.integers(0, shape[-1], d.integer(1, 4))])


@draws("Binarizer")
def binarize(d):
    """Values at the threshold among them."""
    return d.case([d.tensor(0, d.shape(1), "dyadic")], d.attributes(threshold=d.pick((0.0, 0.5, -1.0))))


@draws("Imputer")
def impute(d):
    """NaN or a number is what is missing; one value, or one for each column."""
    columns = d.integer(1, 4)
    x = table(d, columns)
    values = [1.5, -2.0, 7.0, 0.25][: columns if d.chance(0.6) else 1]
    if x.dtype.kind == "i":
        return d.case([x], {"imputed_value_int64s": [int(value) for value in values], "replaced_value_int64": 3})
    missing = d.pick((float("nan"), 0.0))
    x = np.where(d.rng.random(x.shape) < 0.4, np.array(missing, x.dtype), x)
    return d.case([x], {"imputed_value_floats": values, "replaced_value_float": missing})


@draws("Scaler")
def scale(d):
    """One offset and factor, or one for each column."""
    columns = d.integer(1, 4)
    size = columns if d.chance(0.6) else 1
    return d.case([table(d, columns)], {"offset": [0.5, -1.0, 2.0, 0.0][:size], "scale": [2.0, 0.5, -1.0, 1.0][:size]})


@draws("Normalizer")
def normalize(d):
    """Each norm, rows of zeros among them."""
    x = table(d, d.integer(1, 4))
    if d.chance(0.3):
        x[0] = 0
    return d.case([x], d.attributes(norm=d.pick(("MAX", "L1", "L2"))), atol=1e-6)


@draws("FeatureVectorizer")
def vectorize(d):
    """Columns side by side."""
    widths, rows = [d.integer(1, 3) for _ in range(d.integer(1, 3))], d.integer(1, 3)
    return d.case([d.tensor(0, (rows, width), "plain") for width in widths], {"inputdimensions": widths})


@draws("OneHotEncoder")
def one_hot(d):
    """Unknown categories are zeros, or an error."""
    kind = d.type("T")
    if kind.kind == "O":
        return d.case([d.rng.choice(np.array(["a", "b", "zz"], object), d.shape(1, 2, 0))], {"cats_strings": ["a", "b", "c"], "zeros": 1})
    x = d.rng.integers(0, 4, d.shape(1, 2, 0)).astype(kind)
    return d.case([x], {"cats_int64s": [0, 1, 2], "zeros": 1})


@draws("LabelEncoder")
def label(d):
    """Each pair of types that has attributes."""
    keys = {"strings": ["a", "b", "c"], "int64s": [1, 2, 3], "floats": [1.0, 2.5, float("nan")]}
    arrays = {
        "strings": np.array(["a", "c", "zz", "b"], object),
        "int64s": np.array([1, 3, 9, 2]),
        "floats": np.array([2.5, np.nan, 7.0, 1.0], np.float32),
    }
    one, two = d.pick(tuple(keys)), d.pick(tuple(keys))
    if d.version == 1:
        return (
            d.case([arrays["strings"]], {"classes_strings": ["a", "b", "c"]}, output_types=None)
            if d.chance(0.5)
            else d.case([np.array([0, 2, 9, 1])], {"classes_strings": ["a", "b", "c"]})
        )
    default = {"strings": ("default_string", "?"), "int64s": ("default_int64", -5), "floats": ("default_float", -0.5)}[two]
    values = keys[two] if two != "floats" else [0.5, 1.5, 2.5]
    return d.case([arrays[one]], {f"keys_{one}": keys[one], f"values_{two}": values, **dict([default] if d.chance(0.7) else [])})


@draws("CategoryMapper")
def categories(d):
    """Both ways."""
    x = np.array(["a", "b", "?"], object) if d.chance(0.5) else np.array([10, 20, 99])
    return d.case([x], {"cats_int64s": [10, 20], "cats_strings": ["a", "b"], "default_int64": -7, "default_string": "none"})


@draws("LinearRegressor")
def linear(d):
    """Several targets."""
    columns, targets = d.integer(1, 3), d.integer(1, 3)
    weights = [float(value) for value in d.rng.integers(-8, 9, columns * targets) / 4]
    transform = d.pick(TRANSFORMS[:4]) if targets > 1 else "NONE"
    attributes = {"coefficients": weights, "targets": targets, **d.attributes(post_transform=transform)}
    if d.chance(0.6):
        attributes["intercepts"] = [0.5, -1.0, 2.0][:targets]
    return d.case([table(d, columns)], attributes, atol=1e-5)


@draws("LinearClassifier")
def classifier(d):
    """Two or three classes, texts or numbers, each transform."""
    columns, classes = d.integer(1, 3), d.integer(2, 3)
    weights = [float(value) for value in d.rng.normal(0, 1, columns * classes)]
    labels = {"classlabels_strings": ["no", "yes", "maybe"][:classes]} if d.chance(0.4) else {"classlabels_ints": [0, 1, 5][:classes]}
    attributes = {
        "coefficients": weights,
        "intercepts": [0.1, -0.2, 0.3][:classes],
        "post_transform": d.pick(TRANSFORMS[:4]),
        "multi_class": d.integer(0, 1),
        **labels,
    }
    d.bound["T2"] = np.dtype(object if "classlabels_strings" in attributes else np.int64)
    return d.case([table(d, columns)], attributes, outputs=2, atol=1e-5)


@draws("SVMRegressor")
def svm_regressor(d):
    """Each kernel; one class or not."""
    columns, vectors = d.integer(1, 3), d.integer(1, 4)
    kernel = d.pick(("LINEAR", "POLY", "RBF", "SIGMOID"))
    return d.case(
        [table(d, columns)],
        {
            "kernel_type": kernel,
            "kernel_params": [0.3, 0.5, 2.0],
            "n_supports": vectors,
            "rho": [0.25],
            "one_class": d.integer(0, 1),
            "coefficients": [float(value) for value in d.rng.normal(0, 1, vectors)],
            "support_vectors": [float(value) for value in d.rng.normal(0, 1, vectors * columns)],
        },
        atol=1e-5,
    )


@draws("SVMClassifier")
def svm_classifier(d):
    """Two or three classes by pairs, labels of both types; without vectors a linear model."""
    columns, classes = d.integer(1, 3), d.integer(2, 3)
    texts = d.chance(0.4)
    labels = {"classlabels_strings": ["no", "yes", "maybe"][:classes]} if texts else {"classlabels_ints": [0, 1, 5][:classes]}
    d.bound["T2"] = np.dtype(object if texts else np.int64)
    if d.chance(0.15):
        weights = [float(value) for value in d.rng.normal(0, 1, columns * classes)]
        attributes = {"kernel_type": "LINEAR", "coefficients": weights, "rho": [0.25], "kernel_params": [0.0, 0.0, 0.0], **labels}
        return d.case([table(d, columns)], attributes, outputs=2, atol=1e-5)
    counts = [d.integer(1, 2) for _ in range(classes)]
    total, pairs = sum(counts), classes * (classes - 1) // 2
    attributes = {
        "kernel_type": d.pick(("LINEAR", "POLY", "RBF", "SIGMOID")),
        "kernel_params": [0.3, 0.5, 2.0],
        "vectors_per_class": counts,
        "rho": [0.25, -0.1, 0.3][:pairs],
        "coefficients": [float(value) for value in d.rng.normal(0, 1, total * (classes - 1))],
        "support_vectors": [float(value) for value in d.rng.normal(0, 1, total * columns)],
        "post_transform": d.pick(TRANSFORMS[:4]),
        **labels,
    }
    if d.chance(0.4):
        attributes |= {"prob_a": [-1.5, -0.7, -1.0][:pairs], "prob_b": [0.1, 0.0, -0.2][:pairs]}
    return d.case([table(d, columns)], attributes, outputs=2, atol=1e-5)


def trees(d, columns):
    """Attributes of one to three trees of depth one or two, with all modes."""
    nodes = {
        name: []
        for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids", "missing_value_tracks_true")
    }
    leaves = []
    for tree in range(d.integer(1, 3)):
        deep = d.chance(0.5)
        kinds = ["split", "split" if deep else "leaf", "leaf", *(["leaf", "leaf"] if deep else [])]
        children = {0: (1, 2), 1: (3, 4)}
        for place, kind in enumerate(kinds):
            mode = d.pick(("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")) if kind == "split" else "LEAF"
            yes, no = children[place] if kind == "split" else (0, 0)
            row = (tree, place, d.integer(0, columns - 1), float(d.integer(-8, 8)) / 8, mode, yes, no, d.integer(0, 1))
            for name, value in zip(nodes, row):
                nodes[name].append(value)
            if kind == "leaf":
                leaves.append((tree, place))
    return {f"nodes_{name}": values for name, values in nodes.items()}, leaves


@draws("TreeEnsembleRegressor")
def tree_regressor(d):
    """Each aggregate; several targets."""
    columns, targets = d.integer(1, 3), d.integer(1, 2)
    attributes, leaves = trees(d, columns)
    attributes |= {
        "target_treeids": [tree for tree, _ in leaves],
        "target_nodeids": [node for _, node in leaves],
        "target_ids": [d.integer(0, targets - 1) for _ in leaves],
        "target_weights": [float(d.integer(-8, 8)) / 4 for _ in leaves],
        "n_targets": targets,
        "aggregate_function": d.pick(("SUM", "AVERAGE", "MIN", "MAX")),
        **d.attributes(post_transform=d.pick(TRANSFORMS[:4]) if targets > 1 else "NONE"),
    }
    if d.chance(0.4):
        attributes["base_values"] = [0.5, -0.5][:targets]
    return d.case([d.tensor(0, (d.integer(1, 4), columns), "dyadic")], attributes, atol=1e-5)


@draws("TreeEnsembleClassifier")
def tree_classifier(d):
    """Two or three classes, each transform."""
    columns, classes = d.integer(1, 3), d.integer(2, 3)
    attributes, leaves = trees(d, columns)
    attributes |= {
        "class_treeids": [tree for tree, _ in leaves],
        "class_nodeids": [node for _, node in leaves],
        "class_ids": [d.integer(0, classes - 1) for _ in leaves],
        "class_weights": [float(d.integer(0, 8)) / 8 for _ in leaves],
        "post_transform": d.pick(TRANSFORMS[:4]),
    }
    texts = d.chance(0.4)
    attributes |= {"classlabels_strings": ["no", "yes", "maybe"][:classes]} if texts else {"classlabels_int64s": [0, 1, 5][:classes]}
    if d.chance(0.3):
        attributes["base_values"] = [0.5, -0.25, 0.125][:classes]
    d.bound["T2"] = np.dtype(object if texts else np.int64)
    return d.case([d.tensor(0, (d.integer(1, 4), columns), "dyadic")], attributes, outputs=2, atol=1e-5)


@draws("TreeEnsemble")
def tree_ensemble(d):
    """Trees of one split each, with every comparison, and a membership now and then."""
    from onnx import numpy_helper

    columns, targets, count = d.integer(1, 3), d.integer(1, 2), d.integer(1, 3)
    x = d.tensor(0, (d.integer(1, 4), columns), "dyadic")
    modes = np.array([d.integer(0, 5) for _ in range(count)], np.uint8)
    splits = np.array([d.integer(-8, 8) / 8 for _ in range(count)]).astype(x.dtype)
    attributes = {
        "tree_roots": list(range(count)),
        "nodes_modes": numpy_helper.from_array(modes),
        "nodes_splits": numpy_helper.from_array(splits),
        "nodes_featureids": [d.integer(0, columns - 1) for _ in range(count)],
        "nodes_trueleafs": [1] * count,
        "nodes_falseleafs": [1] * count,
        "nodes_truenodeids": [2 * node for node in range(count)],
        "nodes_falsenodeids": [2 * node + 1 for node in range(count)],
        "leaf_targetids": [d.integer(0, targets - 1) for _ in range(2 * count)],
        "leaf_weights": numpy_helper.from_array((d.rng.integers(-8, 9, 2 * count) / 4).astype(x.dtype)),
        "n_targets": targets,
        "aggregate_function": d.integer(0, 3),
        "post_transform": d.pick((0, 0, 1, 2, 3)),
    }
    return d.case([x], attributes, atol=1e-5)


def map_type(key, value):
    """The type of a map from an element type to another."""
    return helper.make_map_type_proto(key, helper.make_tensor_type_proto(value, []))


@draws("ZipMap")
def zipped(d):
    """A map for each row, or one for a single row without a batch; labels are texts or numbers."""
    classes = d.integer(1, 4)
    shape = (classes,) if d.chance(0.2) else (d.integer(0 if d.chance(0.1) else 1, 4), classes)
    texts = d.chance(0.5)
    labels = {"classlabels_strings": ["a", "b", "Ünï", ""][:classes]} if texts else {"classlabels_int64s": [3, -1, 0, 2**40][:classes]}
    kind = helper.make_sequence_type_proto(map_type(TensorProto.STRING if texts else TensorProto.INT64, TensorProto.FLOAT))
    return d.case([d.tensor(0, shape)], labels, output_types=[kind])


@draws("DictVectorizer")
def vectorized(d):
    """Words that the map lacks are zeros; those that the vocabulary lacks are left out."""
    texts = d.chance(0.5)
    words = ["a", "b", "c", "Ünï", "zz"] if texts else [1, -5, 7, 0, 2**40]
    number = d.pick((np.float32, np.float64, np.int64 if texts else object))
    chosen = [words[place] for place in d.rng.permutation(5)[: d.integer(1, 5)]]
    values = d.tensor(np.dtype(number), (len(chosen),), "plain")
    vocabulary = [words[place] for place in d.rng.permutation(5)[: d.integer(1, 5)]]
    kind = map_type(TensorProto.STRING if texts else TensorProto.INT64, element(np.dtype(number)))
    d.bound["T2"] = np.dtype(number)
    return d.case(
        [dict(zip(chosen, values.tolist()))],
        {"string_vocabulary" if texts else "int64_vocabulary": vocabulary},
        kinds={0: kind},
        output_types=[helper.make_tensor_type_proto(element(np.dtype(number)), None)],
    )


@draws("CastMap")
def cast_map(d):
    """Texts or numbers to each type, in the order of the keys or at the places that the keys name."""
    texts, target = d.chance(0.5), d.pick(("TO_FLOAT", "TO_STRING", "TO_INT64"))
    keys = sorted(int(key) for key in d.rng.permutation(8)[: d.integer(1, 5)])
    values = [
        d.pick(("1", "-2", "30") + (() if target == "TO_INT64" else ("2.5", "1e3"))) if texts else float(d.integer(-16, 16)) / 4
        for _ in keys
    ]
    attributes = {"cast_to": target}
    if d.chance(0.5):
        attributes |= {"map_form": "SPARSE", "max_map": keys[-1] + d.integer(1, 3)}
    kind = map_type(TensorProto.INT64, TensorProto.STRING if texts else TensorProto.FLOAT)
    out = {"TO_FLOAT": TensorProto.FLOAT, "TO_STRING": TensorProto.STRING, "TO_INT64": TensorProto.INT64}[target]
    return d.case([dict(zip(keys, values))], attributes, kinds={0: kind}, output_types=[helper.make_tensor_type_proto(out, None)])
