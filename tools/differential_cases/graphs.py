"""Random graphs of 5 to 40 nodes: what the rewrites see."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from differential_cases.case import Case, finished

UNARY = ("Relu", "Sigmoid", "Tanh", "Abs", "Neg", "HardSigmoid", "Elu", "Softplus", "Identity", "HardSwish", "Erf", "Sign", "Floor")
BINARY = ("Add", "Sub", "Mul", "Max", "Min")
SIZE_LIMIT = 4096


class Graph:
    """Grows by nodes whose shapes are known, all of float32."""

    def __init__(self, seed):
        self.rng, self.nodes, self.initializers, self.shapes = np.random.default_rng(seed), [], [], {}
        self.inputs = []
        for place in range(int(self.rng.integers(1, 4))):
            shape = (int(self.rng.integers(1, 3)), self.pick((1, 3, 4, 6, 8)), self.pick((1, 4, 5, 6)), self.pick((1, 4, 6, 7)))
            self.shapes[f"x{place}"] = shape[: self.pick((2, 3, 4, 4, 4))]
            self.inputs.append(f"x{place}")

    def pick(self, values):
        """One of the values."""
        return values[int(self.rng.integers(len(values)))]

    def chance(self, share):
        """True in this share."""
        return self.rng.random() < share

    def constant(self, value):
        """A new initializer."""
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def weights(self, shape, scale=1.0):
        """An initializer of normal numbers."""
        return self.constant(self.rng.normal(0, scale, shape).astype(np.float32))

    def add(self, op, inputs, shape, **attributes):
        """A node with one output of this shape."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], f"{op}{len(self.nodes)}", **attributes))
        self.shapes[name] = tuple(int(size) for size in shape)

    def value(self, rank=None):
        """A value so far, with these many dimensions, rather a late one."""
        names = [name for name, shape in self.shapes.items() if rank is None or len(shape) == rank]
        return names[min(len(names) - 1, int(self.rng.triangular(0, len(names), len(names))))] if names else None

    def grow(self):
        """One more node, or a few that belong together."""
        self.pick(
            (
                self.unary,
                self.unary,
                self.binary,
                self.binary,
                self.convolution,
                self.convolution,
                self.pool,
                self.move,
                self.move,
                self.reduce,
                self.matrix,
                self.normalize,
                self.gate,
                self.join,
            )
        )()

    def unary(self):
        """Element by element."""
        name = self.value()
        self.add(self.pick(UNARY), [name], self.shapes[name])

    def binary(self):
        """Of two values that broadcast, or of one and a constant."""
        one = self.value()
        fitting = [name for name, shape in self.shapes.items() if compatible(shape, self.shapes[one])]
        if self.chance(0.5):
            shape = self.shapes[one]
            two = self.weights(self.pick(((), (1,), shape[-1:], shape, (shape[1], *(1 for _ in shape[2:])) if len(shape) > 1 else ())))
            self.add(self.pick(BINARY), self.pick(([one, two], [two, one])), shape)
        else:
            two = self.pick(fitting)
            shape = np.broadcast_shapes(self.shapes[one], self.shapes[two])
            if np.prod(shape) <= SIZE_LIMIT:
                self.add(self.pick(BINARY), [one, two], shape)

    def convolution(self):
        """Plain, grouped or depthwise; a batch normalization or an activation may follow."""
        if not (name := self.value(4)):
            return
        n, c, h, w = self.shapes[name]
        group = self.pick([size for size in (1, 1, 2, c) if c % size == 0])
        out, kernel, stride = group * self.pick((1, 2, 4) if group == 1 else (1, 2)), self.pick((1, 3)), self.pick((1, 1, 2))
        inputs = [name, self.weights((out, c // group, kernel, kernel), 1 / np.sqrt(c // group * kernel * kernel))]
        if self.chance(0.5):
            inputs.append(self.weights((out,)))
        pad = kernel // 2
        shape = (n, out, (h + 2 * pad - kernel) // stride + 1, (w + 2 * pad - kernel) // stride + 1)
        self.add("Conv", inputs, shape, group=group, strides=[stride] * 2, pads=[pad] * 4)
        if self.chance(0.4):
            last = list(self.shapes)[-1]
            statistics = [
                self.weights((out,)),
                self.weights((out,)),
                self.weights((out,)),
                self.constant(self.rng.uniform(0.5, 2, out).astype(np.float32)),
            ]
            self.add("BatchNormalization", [last, *statistics], shape)
        if self.chance(0.4):
            self.add(self.pick(("Relu", "HardSwish", "Sigmoid")), [list(self.shapes)[-1]], shape)

    def pool(self):
        """Windows of 2 and 3, or the whole picture."""
        if not (name := self.value(4)):
            return
        n, c, h, w = self.shapes[name]
        if self.chance(0.3):
            return self.add("GlobalAveragePool", [name], (n, c, 1, 1))
        kernel = self.pick((2, 3))
        if h >= kernel and w >= kernel:
            self.add(self.pick(("MaxPool", "AveragePool")), [name], (n, c, h - kernel + 1, w - kernel + 1), kernel_shape=[kernel] * 2)

    def move(self):
        """Transpose, Reshape, Slice, Flatten, Unsqueeze, Pad or Concat with itself."""
        name = self.value()
        shape = self.shapes[name]
        rank, kind = len(shape), self.pick(("Transpose", "Transpose", "Reshape", "Slice", "Unsqueeze", "Pad", "Concat", "Split"))
        if kind == "Transpose":
            order = [int(axis) for axis in self.rng.permutation(rank)]
            self.add(kind, [name], [shape[axis] for axis in order], perm=order)
        elif kind == "Reshape":
            target = self.pick(((shape[0], -1), (-1,), (*shape[:-1], 1, shape[-1]) if rank < 4 else (shape[0], shape[1], -1)))
            sizes = np.empty(shape, bool).reshape(target).shape
            self.add(kind, [name, self.constant(np.array(target, np.int64))], sizes)
        elif kind == "Slice":
            axis = int(self.rng.integers(rank))
            start = int(self.rng.integers(shape[axis]))
            limits = [self.constant(np.array([value], np.int64)) for value in (start, shape[axis], axis)]
            self.add(kind, [name, *limits], [*shape[:axis], shape[axis] - start, *shape[axis + 1 :]])
        elif kind == "Unsqueeze" and rank < 4:
            self.add(kind, [name, self.constant(np.array([rank], np.int64))], (*shape, 1))
        elif kind == "Pad" and rank == 4:
            self.add(kind, [name, self.constant(np.array([0, 0, 1, 1, 0, 0, 1, 0], np.int64))], (*shape[:2], shape[2] + 2, shape[3] + 1))
        elif kind == "Concat" and 2 * np.prod(shape) <= SIZE_LIMIT:
            axis = int(self.rng.integers(rank))
            self.add(kind, [name, name], [*shape[:axis], 2 * shape[axis], *shape[axis + 1 :]], axis=axis)

    def reduce(self):
        """Over one axis or several."""
        name = self.value()
        shape = self.shapes[name]
        axes = sorted(int(axis) for axis in self.rng.permutation(len(shape))[: int(self.rng.integers(1, len(shape) + 1))])
        keep = self.pick((0, 1, 1))
        left = [1 if axis in axes else size for axis, size in enumerate(shape) if keep or axis not in axes]
        if left:
            self.add(self.pick(("ReduceMean", "ReduceMax")), [name, self.constant(np.array(axes, np.int64))], left, keepdims=keep)

    def matrix(self):
        """By constant weights, with an addition after it or not; or by the own transpose."""
        name = self.value(self.pick((2, 3)))
        if not name:
            return
        shape = self.shapes[name]
        out = self.pick((1, 4, 8))
        if len(shape) == 2 and self.chance(0.4):
            return self.add("Gemm", [name, self.weights((out, shape[1]), 0.3), self.weights((out,))], (shape[0], out), transB=1)
        self.add("MatMul", [name, self.weights((shape[-1], out), 0.3)], (*shape[:-1], out))
        if self.chance(0.5):
            last = list(self.shapes)[-1]
            self.add("Add", [last, self.weights((out,))], self.shapes[last])

    def normalize(self):
        """A softmax or a layer normalization."""
        name = self.value()
        shape = self.shapes[name]
        if self.chance(0.5):
            return self.add("Softmax", [name], shape, axis=int(self.rng.integers(len(shape))))
        self.add("LayerNormalization", [name, self.weights(shape[-1:]), self.weights(shape[-1:])], shape, epsilon=0.1)

    def gate(self):
        """x · σ(x), or a channel gate as squeeze and excitation has it."""
        if not (name := self.value(self.pick((4, None)))):
            return
        shape = self.shapes[name]
        if len(shape) == 4 and self.chance(0.6):
            self.add("GlobalAveragePool", [name], (*shape[:2], 1, 1))
            self.add("Conv", [list(self.shapes)[-1], self.weights((shape[1], shape[1], 1, 1), 0.3)], (*shape[:2], 1, 1))
            self.add("Sigmoid", [list(self.shapes)[-1]], (*shape[:2], 1, 1))
        else:
            self.add("Sigmoid", [name], shape)
        self.add("Mul", [name, list(self.shapes)[-1]], shape)

    def join(self):
        """The sum of two values of one shape: a residual."""
        one = self.value()
        same = [name for name, shape in self.shapes.items() if shape == self.shapes[one]]
        self.add("Add", [one, self.pick(same)], self.shapes[one])


def compatible(one, two):
    """Whether two shapes broadcast."""
    return all(a == b or 1 in (a, b) for a, b in zip(one[::-1], two[::-1]))


def draw_graph(seed):
    """A graph as a case; its outputs are the values that nothing reads, at most four, the last among them."""
    graph = Graph(seed)
    wanted = int(graph.rng.integers(5, 41))
    for _ in range(20 * wanted):
        if len(graph.nodes) >= wanted:
            break
        graph.grow()
    read = {name for node in graph.nodes for name in node.input}
    outputs = [node.output[0] for node in graph.nodes if node.output[0] not in read][-4:]
    batch = graph.chance(0.3)
    inputs = [
        helper.make_tensor_value_info(
            name, TensorProto.FLOAT, [f"{name}_{axis}" if batch and axis == 0 else size for axis, size in enumerate(graph.shapes[name])]
        )
        for name in graph.inputs
    ]
    used = [value for value in inputs if value.name in read]
    values = {value.name: (graph.rng.integers(-32, 33, graph.shapes[value.name]) / 8).astype(np.float32) for value in used}
    model = finished(graph.nodes, used, graph.initializers, outputs, 22)
    return Whole(model, values, len(graph.nodes))


class Whole(Case):
    """A graph in place of a node; of two the one with fewer nodes is the smaller."""

    def __init__(self, model, values, nodes):
        super().__init__(None, 22, list(values.values()), {}, {}, rtol=1e-3, atol=1e-4)
        self.model, self.values, self.nodes = model, values, nodes

    version, has_reference = 22, True

    @property
    def elements(self):
        """The number of nodes."""
        return self.nodes
