"""Parts of random networks that move cells about the map, depend on their place, or weigh branches and cells against each
other; see random_net.py."""
import numpy as np


class PlaceParts:
    """From a map (1, c, h, w) to another, for Net."""

    def flipped(self):
        axes = self.any_of([2], [3], [2, 3])
        ends = self.whole(*[np.iinfo(np.int64).min + 1] * len(axes))
        steps = self.whole(*[-1] * len(axes))
        turned = self.op("Slice", self.x, self.whole(*[-1] * len(axes)), ends, self.whole(*axes), steps)
        self.x = self.op("Add", self.x, turned) if self.coin() else turned

    def rolled(self):
        """torch.roll, or the two ends of a circular padding, as PyTorch spells them."""
        c, h, w = self.shape
        axis, size = self.any_of((2, h), (3, w))
        by = self.some(1, 3)
        if size < 5:
            return
        last = self.op("Slice", self.x, self.whole(-by), self.whole(size), self.whole(axis))
        if self.coin():
            first = self.op("Slice", self.x, self.whole(0), self.whole(-by), self.whole(axis))
            self.x = self.op("Concat", last, first, axis=axis)
            return
        first = self.op("Slice", self.x, self.whole(0), self.whole(by), self.whole(axis))
        self.x = self.op("Concat", last, self.x, first, axis=self.any_of(axis, axis - 4))
        self.shape = (c, h + 2 * by, w) if axis == 2 else (c, h, w + 2 * by)

    def padded(self):
        c, h, w = self.shape
        pads = [self.some(0, 2) for _ in range(4)]
        value = self.constant(np.float32(self.any_of(-1.5, 0, 0.5)))
        self.x = self.op("Pad", self.x, self.whole(0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]), value)
        self.shape = c, h + pads[0] + pads[2], w + pads[1] + pads[3]

    def positions(self):
        """A learned map, added or as a factor; a mask."""
        c, h, w = self.shape
        dims = self.any_of((1, c, h, w), (c, h, w), (1, 1, h, w), (h, w), (1, 1, 1, w), (h, 1))
        form = self.some(0, 4)
        if form == 0:
            self.x = self.op("Add", *self.any_of(lambda k: (self.x, k), lambda k: (k, self.x))(self.weights(*dims)))
        elif form == 1:
            self.x = self.op("Sub", *self.any_of(lambda k: (self.x, k), lambda k: (k, self.x))(self.weights(*dims)))
        elif form == 2:
            self.x = self.op("Mul", self.x, self.positive(*dims))
        elif form == 3:
            self.x = self.op("Div", self.x, self.positive(*dims))
        else:
            mask = self.op("Greater", self.weights(*dims), self.constant(np.float32(0)))
            other = self.any_of(lambda: self.constant(np.float32(0.25)), lambda: self.op("Neg", self.x))()
            self.x = self.op("Where", mask, *self.any_of((self.x, other), (other, self.x)))

    def coordinates(self):
        """CoordConv's channels, made in the graph or stored."""
        c, h, w = self.shape
        if self.coin():
            places = self.weights(1, 2, h, w)
        else:
            row = self.op("Range", *[self.constant(np.float32(v)) for v in (0, w, 1)])
            row = self.op("Div", row, self.constant(np.float32(w)))
            rows = self.op("Expand", row, self.whole(1, 1, h, w))
            places = self.op("Concat", rows, self.weights(1, 1, h, w), axis=1)
        self.x = self.op("Concat", *self.any_of((self.x, places), (places, self.x)), axis=1)
        self.shape = c + 2, h, w

    def blocks(self):
        """Space to depth in five spellings."""
        c, h, w = self.shape
        if h % 2 or w % 2 or c > 12:
            return
        form = self.some(0, 4)
        if form == 0 or form == 1:
            view = self.op("Reshape", self.x, self.whole(0, c, h // 2, 2, w // 2, 2))
            view = self.op("Transpose", view, perm=[0, 3, 5, 1, 2, 4] if form else [0, 1, 3, 5, 2, 4])
            self.x = self.op("Reshape", view, self.whole(0, 4 * c, h // 2, w // 2))
        elif form == 2:
            self.x = self.op("SpaceToDepth", self.x, blocksize=2)
        elif form == 3:  # YOLO's focus
            parts = [self.op("Slice", self.x, self.whole(y, x), self.whole(h, w), self.whole(2, 3), self.whole(2, 2))
                     for y in (0, 1) for x in (0, 1)]
            self.x = self.op("Concat", *parts, axis=1)
        else:  # patches whose channels are last
            view = self.op("Reshape", self.x, self.whole(0, c, h // 2, 2, w // 2, 2))
            view = self.op("Transpose", view, perm=[0, 2, 4, 3, 5, 1])
            self.x = self.op("Transpose", self.op("Reshape", view, self.whole(0, h // 2, w // 2, 4 * c)), perm=[0, 3, 1, 2])
        self.shape = 4 * c, h // 2, w // 2

    def spread_out(self):
        c, h, w = self.shape
        if c % 4 or h > 12:
            return
        self.x = self.op("DepthToSpace", self.x, blocksize=2, mode=self.any_of("DCR", "CRD"))
        self.shape = c // 4, 2 * h, 2 * w

    def unfolded(self):
        """nn.ConvTranspose2d whose blocks do not overlap."""
        c, h, w = self.shape
        if max(h, w) > 12:
            return
        k, out = (self.some(1, 3), self.some(1, 2)), self.any_of(3, 4)
        self.x = self.op("ConvTranspose", self.x, self.weights(c, out, *k), self.weights(out), strides=list(k))
        self.shape = out, h * k[0], w * k[1]

    def resized(self):
        c, h, w = self.shape
        if max(h, w) > 14:
            return
        up = self.some(1, 4), self.some(1, 3)
        mode, positions = self.any_of("nearest", "linear"), self.any_of("half_pixel", "pytorch_half_pixel", "asymmetric")
        attributes = {"mode": mode, "coordinate_transformation_mode": positions,
                      "nearest_mode": "floor" if positions == "asymmetric" else "round_prefer_floor"}
        if self.coin():
            self.x = self.op("Resize", self.x, "", self.constant([1, 1, *up]), **attributes)
        else:
            self.x = self.op("Resize", self.x, "", "", self.whole(1, c, h * up[0], w * up[1]), **attributes)
        self.shape = c, h * up[0], w * up[1]

    def thinned(self):
        c, h, w = self.shape
        by = self.any_of(2, 3)
        if h % by or w % by or h < 6 or w < 6:
            return
        mode = self.any_of("nearest", "linear")
        self.x = self.op("Resize", self.x, "", self.constant([1, 1, 1 / by, 1 / by]), mode=mode, nearest_mode="floor",
                         coordinate_transformation_mode=self.any_of("half_pixel", "asymmetric"))
        self.shape = c, h // by, w // by

    def larger_of_two(self):
        other = self.op("Conv", self.x, self.weights(self.shape[0], self.shape[0], 1, 1))
        form = self.some(0, 3)
        if form == 0:
            self.x = self.op("Max", self.x, self.op("Mul", self.x, self.constant(np.float32(0.1))))
        elif form == 1:
            self.x = self.op(self.any_of("Max", "Min"), self.x, other)
        elif form == 2:
            self.x = self.op("Max", self.x, other, self.op("Neg", self.x), self.constant(np.float32(0.1)))
        else:
            self.x = self.op("Min", self.x, self.constant(np.float32(0.7)))

    def maxout(self):
        c, h, w = self.shape
        if c % 2:
            return
        first = self.coin()
        view = self.op("Reshape", self.x, self.whole(*((0, 2, c // 2, h, w) if first else (0, c // 2, 2, h, w))))
        self.x = self.reduce(self.any_of("ReduceMax", "ReduceMean", "ReduceSum"), view, [1 if first else 2], False)
        self.shape = c // 2, h, w

    def selective_kernels(self):
        """Two branches weighed against each other by a softmax (Li et al. 2019)."""
        c, h, w = self.shape
        branches = [self.op("Relu", self.op("Conv", self.x, self.weights(c, c, k, k), pads=[k // 2] * 4)) for k in (1, 3)]
        both = self.op("Concat", *[self.unsqueeze(x, 1) for x in branches], axis=1)
        one = self.reduce("ReduceMean", self.reduce("ReduceSum", both, [1], False), [2, 3], True)
        scores = self.op("Conv", one, self.weights(2 * c, c, 1, 1))
        weights = self.op("Softmax", self.op("Reshape", scores, self.whole(1, 2, c, 1, 1)), axis=1)
        self.x = self.reduce("ReduceSum", self.op("Mul", both, weights), [1], False)

    def context(self):
        """One weight for each cell, by a softmax over all of them (Cao et al. 2019)."""
        c, h, w = self.shape
        scores = self.op("Reshape", self.op("Conv", self.x, self.weights(1, c, 1, 1)), self.whole(0, 1, h * w))
        weights = self.unsqueeze(self.op("Softmax", scores, axis=self.any_of(2, -1)), 3)
        flat = self.unsqueeze(self.op("Reshape", self.x, self.whole(0, c, h * w)), 1)
        one = self.op("Reshape", self.op("MatMul", flat, weights), self.whole(0, c, 1, 1))
        self.x = self.op("Add", self.x, one)

    def standardised(self):
        """A convolution whose weights are normalised in the graph (Qiao et al. 2019)."""
        c, h, w = self.shape
        weight = self.weights(c, c, 3, 3)
        mean = self.op("ReduceMean", weight, axes=[1, 2, 3]) if self.opset < 18 else self.op(
            "ReduceMean", weight, self.whole(1, 2, 3))
        centred = self.op("Sub", weight, mean)
        variance = self.reduce("ReduceMean", self.op("Mul", centred, centred), [1, 2, 3], True)
        root = self.op("Sqrt", self.op("Add", variance, self.constant(np.float32(1e-3))))
        weight = self.op("Mul", self.op("Div", centred, root), self.constant(np.float32(0.2)))
        self.x = self.op("Conv", self.x, weight, pads=[1] * 4)

    def expanded(self):
        """Means put beside the map that they are of."""
        c, h, w = self.shape
        mean = self.reduce("ReduceMean", self.x, [2, 3], True)
        if self.coin():
            mean = self.op("Expand", mean, self.op("Shape", self.x))
        else:
            mean = self.op("Tile", mean, self.whole(1, 1, h, w))
        self.x = self.op("Concat", self.x, mean, axis=1)
        self.shape = 2 * c, h, w

    def channel_softmax(self):
        self.x = self.op("Softmax", self.x, axis=1)

    def functions(self):
        x = self.x
        self.x = self.any_of(
            lambda: self.op("Abs", x), lambda: self.op("Sin", x), lambda: self.op("Cos", x), lambda: self.op("Erf", x),
            lambda: self.op("Exp", self.op("Clip", x, self.constant(np.float32(-3)), self.constant(np.float32(2)))),
            lambda: self.op("Log", self.op("Add", self.op("Abs", x), self.constant(np.float32(0.5)))),
            lambda: self.op("Softsign", x), lambda: self.op("Celu", x, alpha=0.7))()

    def matrix(self):
        c, h, w = self.shape
        turned = self.coin()
        equation = "bchw,ck->bkhw" if turned else "nchw, oc -> nohw"
        self.x = self.op("Einsum", self.x, self.weights(c, 6) if turned else self.weights(6, c), equation=equation)
        self.shape = 6, h, w

    def place_parts(self):
        return [self.flipped, self.rolled, self.padded, self.positions, self.coordinates, self.blocks, self.spread_out,
                self.unfolded, self.resized, self.thinned, self.larger_of_two, self.maxout, self.selective_kernels,
                self.context, self.standardised, self.expanded, self.channel_softmax, self.functions, self.matrix]
