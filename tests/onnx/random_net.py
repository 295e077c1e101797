"""One random network, spelt as exporters spell them, for random_nets.py: a few parts over a map (norms, gates, attention
over channels and cells, paddings, parts of maps), a pooling and a flattening, each in one of the forms that people's
files have."""
import numpy as np
from onnx import helper, numpy_helper

from random_parts import PlaceParts


class Net(PlaceParts):
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants, self.opset = [], [], int(self.random.choice([13, 17, 18]))
        self.size = self.some(9, 15), self.some(9, 15)
        self.x, self.shape = "image", (3, *self.size)

    def some(self, low, high):
        return int(self.random.integers(low, high + 1))

    def coin(self):
        return self.some(0, 1) == 1

    def any_of(self, *choices):
        return choices[self.some(0, len(choices) - 1)]

    def constant(self, values, kind=np.float32):
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def whole(self, *values):
        return self.constant(values, np.int64)

    def weights(self, *dims):
        return self.constant(self.random.normal(0, 1 / np.sqrt(max(1, np.prod(dims[1:]))), dims))

    def positive(self, *dims):
        return self.constant(self.random.uniform(0.5, 1.5, dims))

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"t{len(self.nodes)}" if i == 0 else f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def reduce(self, kind, x, axes, keep):
        attributes = {"keepdims": int(keep)}
        if self.opset >= 18 or kind == "ReduceSum":
            return self.op(kind, x, self.whole(*axes), **attributes)
        return self.op(kind, x, axes=axes, **attributes)

    def unsqueeze(self, x, *axes):
        return self.op("Unsqueeze", x, self.whole(*axes))

    # Parts: from a map (1, c, h, w) to another.

    def conv(self):
        c, h, w = self.shape
        k = self.any_of(1, 3)
        out = self.any_of(4, 6, 8)
        self.x = self.op("Conv", self.x, self.weights(out, c, k, k), self.weights(out), pads=[k // 2] * 4)
        self.shape = out, h, w
        if self.coin():
            self.x = self.op("Relu", self.x)

    def group_norm(self):
        c, h, w = self.shape
        groups = self.any_of(*[g for g in range(1, c + 1) if c % g == 0])
        form = self.some(0, 2)
        if form == 0:
            rows = self.op("Reshape", self.x, self.whole(0, groups, -1))
            one, zero = self.constant(np.ones(groups)), self.constant(np.zeros(groups))
            rows = self.op("InstanceNormalization", rows, one, zero, epsilon=1e-5)
            x = self.op("Reshape", rows, self.op("Shape", self.x))
            x = self.op("Mul", x, self.positive(c, 1, 1))
            self.x = self.op("Add", x, self.weights(c, 1, 1))
        elif form == 1:
            self.x = self.op("InstanceNormalization", self.x, self.positive(c), self.weights(c))
        else:
            rows = self.op("Reshape", self.x, self.whole(1, groups, c // groups, h, w))
            rows = self.op("InstanceNormalization", rows, self.positive(groups), self.weights(groups))
            self.x = self.op("Reshape", rows, self.whole(0, -1, h, w))

    def response_norm(self):
        c, h, w = self.shape
        size, k, beta = self.some(2, 5), self.any_of(1, 2), self.any_of(0.75, 0.5, 1.25)
        squares = self.op("Mul", self.x, self.x) if self.coin() else self.op("Pow", self.x, self.constant(2))
        deep = self.unsqueeze(squares, 1)
        if self.coin():
            deep = self.op("Reshape", deep, self.whole(0, 1, c, h, -1))
        if self.coin():  # nn.LocalResponseNorm
            deep = self.op("Pad", deep, self.whole(0, 0, size // 2, 0, 0, 0, 0, (size - 1) // 2, 0, 0))
            deep = self.op("AveragePool", deep, kernel_shape=[size, 1, 1], strides=[1, 1, 1])
        else:  # nn.AvgPool3d
            size = self.any_of(3, 5)
            deep = self.op("AveragePool", deep, kernel_shape=[size, 1, 1], pads=[size // 2, 0, 0] * 2,
                           count_include_pad=self.some(0, 1))
        means = self.op("Squeeze", deep, self.whole(1)) if self.coin() else self.squeezed_if(deep)
        if self.coin():
            means = self.op("Reshape", means, self.whole(0, c, h, w))
        base = self.op("Add", self.op("Mul", means, self.constant(0.3)), self.constant(k))
        self.x = self.op("Div", self.x, self.op("Pow", base, self.constant(beta)))

    def squeezed_if(self, x):
        """As PyTorch 1.13 squeezes an axis of an extent that it does not know."""
        name = f"branch{len(self.nodes)}"
        graphs = [helper.make_graph([helper.make_node("Squeeze" if then else "Identity",
                                                      [x, name + "axis"] if then else [x], [name + str(then)])],
                                    name, [], [helper.make_tensor_value_info(name + str(then), 1, None)],
                                    [numpy_helper.from_array(np.array([1]), name + "axis")] if then else [])
                  for then in (True, False)]
        extent = self.op("Gather", self.op("Shape", x), self.whole(1), axis=0)
        return self.op("If", self.op("Equal", extent, self.whole(1)), then_branch=graphs[0], else_branch=graphs[1])

    def cell_attention(self):
        """CBAM's: the mean and the maximum of each cell's channels."""
        keep, both = self.coin(), []
        for kind in self.random.permutation(["ReduceMean", "ReduceMax"]):
            one = self.reduce(str(kind), self.x, [1], keep)
            both.append(one if keep else self.unsqueeze(one, 1))
        gate = self.op("Conv", self.op("Concat", *both, axis=1), self.weights(1, 2, 3, 3), pads=[1] * 4)
        self.gated(self.op("Sigmoid", gate))

    def channel_attention(self):
        c, h, w = self.shape
        sums = []
        for kind in self.any_of(["Mean"], ["Max"], ["Mean", "Max"]):
            one, flat = self.pooled(kind)
            if self.coin():
                one = one if flat is False else self.unsqueeze(one, 2, 3)
                one = self.op("Conv", one, self.weights(c, c, 1, 1))
            else:
                one = one if flat else self.op("Flatten", one)
                one = self.op("Gemm", one, self.weights(c, c), self.weights(c), transB=self.some(0, 1))
                one = self.unsqueeze(one, 2, 3)
            sums.append(one)
        one = sums[0] if len(sums) == 1 else self.op("Add", *sums)
        self.gated(self.op("Sigmoid", one) if self.coin() else self.op("HardSigmoid", one))

    def efficient_attention(self):
        one, flat = self.pooled("Mean")
        row = self.unsqueeze(one, 1) if flat else self.op("Transpose", self.op("Squeeze", one, self.whole(3)), perm=[0, 2, 1])
        k = self.any_of(3, 5)
        row = self.op("Conv", row, self.weights(1, 1, k), pads=[k // 2] * 2)
        one = self.op("Reshape", row, self.whole(1, -1, 1, 1)) if flat else self.unsqueeze(
            self.op("Transpose", row, perm=[0, 2, 1]), 3)
        self.gated(self.op("Sigmoid", one))

    def gated(self, gate):
        if self.coin():
            gate = self.op("Expand", gate, self.op("Shape", self.x))
        self.x = self.op("Mul", *self.any_of((self.x, gate), (gate, self.x)))

    def unit_cells(self):
        """F.normalize over channels."""
        norm = self.reduce("ReduceL2", self.x, [1], True)
        norm = self.op("Clip", norm, self.constant(1e-2))
        self.x = self.op("Div", self.x, self.op("Expand", norm, self.op("Shape", self.x)))

    def function(self):
        x = self.x
        kind = self.some(0, 6)
        if kind == 0:
            self.x = self.op("Mul", x, self.op("Tanh", self.op("Softplus", x)))
        elif kind == 1:
            self.x = self.op("Sqrt", self.op("Add", self.op("Relu", x), self.constant(0.1)))
        elif kind == 2:
            self.x = self.op("Reciprocal", self.op("Add", self.op("Sigmoid", x), self.constant(1)))
        elif kind == 3:
            self.x = self.op("Div", self.constant(2), self.op("Add", self.op("Mul", x, x), self.constant(1)))
        elif kind == 4:
            self.x = self.op("Dropout", x)
        elif kind == 5:
            self.x = self.op("Pow", self.op("Clip", x, self.constant(0.01)), self.constant(self.any_of(1.5, 3, 0.7, -0.5)))
        else:
            self.x = self.op("HardSwish", x) if self.opset >= 14 else self.op("Elu", x)

    def part_of_map(self):
        c, h, w = self.shape
        axis = self.any_of(2, 3)
        if h < 6 or w < 6:
            return
        self.x = self.op("Slice", self.x, self.whole(1), self.whole(-1), self.whole(axis))
        self.shape = (c, h - 2, w) if axis == 2 else (c, h, w - 2)

    def row_mean(self):
        """Half of a mean, taken off: all of it would leave rounding alone for a mean behind it."""
        mean = self.reduce("ReduceMean", self.x, [2, 3] if self.coin() else [1], True)
        self.x = self.op("Sub", self.x, self.op("Mul", mean, self.constant(0.5)))

    def shuffle(self):
        c, h, w = self.shape
        if c % 2:
            return
        x = self.op("Reshape", self.x, self.whole(1, 2, c // 2, h, w))
        x = self.op("Transpose", x, perm=[0, 2, 1, 3, 4])
        self.x = self.op("Reshape", x, self.whole(0, -1, h, w))

    def layer_norm(self):
        c = self.shape[0]
        x = self.op("Transpose", self.x, perm=[0, 2, 3, 1])
        mean = self.reduce("ReduceMean", x, [-1], True)
        centred = self.op("Sub", x, mean)
        variance = self.reduce("ReduceMean", self.op("Mul", centred, centred), [3], True)
        root = self.op("Sqrt", self.op("Add", variance, self.constant(1e-2)))
        x = self.op("Mul", self.op("Div", centred, root), self.positive(c))
        self.x = self.op("Transpose", x, perm=[0, 3, 1, 2])

    def mirrored(self):
        c, h, w = self.shape
        pads = [self.some(0, 2) for _ in range(4)]
        if min(h, w) < 4:
            return
        self.x = self.op("Pad", self.x, self.whole(0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]),
                         mode=self.any_of("reflect", "edge"))
        self.shape = c, h + pads[0] + pads[2], w + pads[1] + pads[3]

    # Heads: from a map to one number per channel.

    def pooled(self, kind):
        """One cell per channel; and whether its axes are gone."""
        name = "Reduce" + kind
        form = self.some(0, 4)
        if form == 0:
            return self.op({"Mean": "GlobalAveragePool", "Max": "GlobalMaxPool"}[kind], self.x), False
        if form == 1:
            keep = self.coin()
            return self.reduce(name, self.x, self.any_of([2, 3], [-1, -2]), keep), not keep
        if form == 2:  # x.mean(-1).mean(-1), x.mean(2).mean(2)
            axis = self.any_of(-1, 2)
            return self.reduce(name, self.reduce(name, self.x, [axis], False), [axis], False), True
        if form == 3:
            first, second = self.any_of((2, 3), (3, 2))
            return self.reduce(name, self.reduce(name, self.x, [first], True), [second], True), False
        rows = self.op("Reshape", self.x, self.whole(0, 0, -1))
        return self.reduce(name, rows, [self.any_of(2, -1)], False), True

    def generalised_mean(self):
        power = self.any_of(3, 2.5, 4)
        raised = self.op("Pow", self.op("Clip", self.x, self.constant(1e-3)), self.constant([power]))
        mean = self.op("AveragePool", raised, kernel_shape=list(self.shape[1:]))
        inverse = self.op("Reciprocal", self.constant([power]))
        return self.op("Pow", mean, inverse), False

    def head(self):
        c = self.shape[0]
        one, flat = self.any_of(lambda: self.pooled("Mean"), lambda: self.pooled("Max"), self.generalised_mean)()
        if not flat:
            form = self.some(0, 6)
            if form == 0:
                one = self.op("Flatten", one, axis=self.any_of(1, -3))
            elif form == 1:
                one = self.op("Reshape", one, self.any_of(self.whole(0, -1), self.whole(1, c), self.whole(-1, c)))
            elif form == 2:
                one = self.op("Squeeze", one, self.any_of(self.whole(2, 3), self.whole(-1, -2)))
            elif form == 3:  # x[:, :, 0, 0]
                for _ in range(2):
                    one = self.op("Gather", one, self.constant(0, np.int64), axis=2)
            elif form == 4:  # x.view(x.size(0), -1)
                batch = self.op("Gather", self.op("Shape", one), self.constant(0, np.int64), axis=0)
                dims = self.op("Concat", self.unsqueeze(batch, 0), self.whole(-1), axis=0)
                one = self.op("Reshape", one, dims)
            elif form == 5:
                one = self.op("Slice", one, self.whole(0, 0), self.whole(1, 1), self.whole(2, 3))
                one = self.op("Squeeze", self.op("Squeeze", one, self.whole(3)), self.whole(2))
            else:
                one = self.op("Flatten", self.op("Transpose", one, perm=[0, 2, 3, 1]))
        if self.coin():
            return self.op("Gemm", one, self.weights(5, c), self.weights(5), transB=1)
        return self.op("Add", self.op("MatMul", one, self.weights(c, 5)), self.weights(5))

    def model(self):
        self.conv()
        parts = [self.conv, self.group_norm, self.response_norm, self.cell_attention, self.channel_attention,
                 self.efficient_attention, self.unit_cells, self.function, self.part_of_map, self.row_mean, self.shuffle, self.layer_norm,
                 self.mirrored]
        if self.coin():
            parts = self.place_parts() + [self.conv]
        for _ in range(self.some(1, 4)):
            self.any_of(*parts)()
        self.nodes.append(helper.make_node("Identity", [self.head()], ["scores"]))
        graph = helper.make_graph(self.nodes, "g", [helper.make_tensor_value_info("image", 1, [1, 3, *self.size])],
                                  [helper.make_tensor_value_info("scores", 1, [1, 5])], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
