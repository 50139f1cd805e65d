"""Exports PyTorch modules as ONNX backend test directories."""
import logging
import warnings
from pathlib import Path

import onnx
import torch

from export.onnxfiles import forget_machine, seed_of, write_data_set

warnings.filterwarnings("ignore")
logging.getLogger("torch.onnx").setLevel(logging.ERROR)

TORCHSCRIPT_OPSET = 17
VARIANTS = ("torchscript-static", "torchscript-dynamic", "dynamo-static", "dynamo-dynamic")


def sharpen(module, name):
    """Gives a module seeded weights and statistics of a trained network's size, and puts it in eval mode."""
    generator = torch.Generator().manual_seed(seed_of(name))
    with torch.no_grad():
        for key, value in [*module.named_parameters(), *module.named_buffers()]:
            if key.endswith("running_var"):
                value.uniform_(0.5, 1.5, generator=generator)
            elif value.dim() > 1 and value.is_floating_point():
                value.normal_(0, 1 / (value[0].numel() ** 0.5), generator=generator)
            elif value.is_floating_point():
                value.uniform_(-0.5, 0.5, generator=generator)
    return module.eval()


def randomise_norms(model, generator):
    """Gives normalisation layers and layer scales the spread of trained ones; timm starts the last of a branch at zero."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (torch.nn.BatchNorm2d, torch.nn.LayerNorm)) and module.weight is not None:
                module.weight.uniform_(0.6, 1.2, generator=generator)
                module.bias.uniform_(-0.3, 0.3, generator=generator)
        for key, value in model.named_parameters():
            if key.endswith("gamma"):
                value.uniform_(0.2, 0.6, generator=generator)


def calibrate(model, batches):
    """Sets the running statistics of every batch normalisation from a few tuples of inputs; returns the model in eval mode."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    model.eval()
    for module in norms:
        module.reset_running_stats()
        module.momentum = None
        module.train()
    with torch.no_grad():
        for inputs in batches:
            model(*inputs)
    return model.eval()


def random_inputs(name, shapes, batch=None):
    """Seeded normal float32 tensors whose means differ by channel, so that gates differ; `batch` overrides the first axis."""
    generator = torch.Generator().manual_seed(seed_of(f"{name}/{batch}"))

    def draw(shape):
        shape = (batch or shape[0], *shape[1:])
        means = torch.randn((*shape[:2], *(1 for _ in shape[2:])), generator=generator)
        return torch.randn(shape, generator=generator) + means

    return tuple(draw(shape) for shape in shapes)


def export(module, inputs, path, exporter, dynamic, names=("x",), opset=None, external=False, output="output"):
    """Exports by the TorchScript or the dynamo exporter, with a fixed batch or a dynamic one named "batch"."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = dict(input_names=list(names), output_names=[output])
    if dynamic and inputs[0].shape[0] == 1:  # torch.export would take a batch of one for a constant
        inputs = tuple(torch.cat([value, value]) for value in inputs)
    if exporter == "torchscript":
        axes = {name: {0: "batch"} for name in (*names, output)} if dynamic else None
        torch.onnx.export(
            module, inputs, str(path), dynamo=False, opset_version=opset or TORCHSCRIPT_OPSET, dynamic_axes=axes, **options)
        if external:
            onnx.save(onnx.load(path), path, save_as_external_data=True, location=f"{path.name}.data", size_threshold=1024)
    else:
        batch = torch.export.Dim("batch")
        shapes = tuple({0: batch} for _ in inputs) if dynamic else None
        torch.onnx.export(
            module, inputs, str(path), dynamo=True, opset_version=opset, dynamic_shapes=shapes, external_data=external,
            verbose=False, **options)
    forget_machine(path)


def reference(module, inputs):
    """The outputs of a PyTorch module as arrays."""
    with torch.no_grad():
        outputs = module(*[value.clone() for value in inputs])
    outputs = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    return [value.numpy() for value in outputs]


def save_case(module, inputs, folder, exporter, dynamic, other=None, names=("x",), opset=None, external=False, output="output"):
    """Writes one backend test directory; a dynamic one gets `other` inputs as its second data set."""
    path = Path(folder) / "model.onnx"
    export(module, inputs, path, exporter, dynamic, names, opset, external, output)
    for index, values in enumerate([inputs, other] if dynamic else [inputs]):
        target = path.parent / f"test_data_set_{index}"
        write_data_set(target, names, [value.numpy() for value in values], [output], reference(module, values))
