"""Onyx as a backend of the onnx package: `onnx.backend.base.Backend`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnx.backend.base
from onnx import helper

from . import _types
from ._model import Model
from ._session import InferenceSession


class OnyxBackendRep(onnx.backend.base.BackendRep):
    """A model that is ready to run."""

    def __init__(self, session: InferenceSession) -> None:
        self.session = session

    def run(self, inputs: Any, **kwargs: Any) -> tuple[Any, ...]:
        """The outputs for one input, a sequence of inputs in the model's order, or a dict by name."""
        if not isinstance(inputs, dict):
            names = [port.name for port in self.session.get_inputs()]
            given = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
            # An optional input that holds nothing stands as None.
            inputs = {name: value for name, value in zip(names, given) if value is not None}
        return tuple(self.session.run(None, inputs))


class OnyxBackend(onnx.backend.base.Backend):
    """Prepares and runs models and nodes."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
        """Whether Onyx has every operator of the model."""
        return cls.supports_device(device) and Model(model).coverage().is_supported

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> OnyxBackendRep:
        """A session of the model. Options of `InferenceSession` can be given by name."""
        if not cls.supports_device(device):
            raise ValueError(f"Onyx runs on CPUs, not on '{device}'.")
        return OnyxBackendRep(InferenceSession(model, **kwargs))

    @classmethod
    def run_model(cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any) -> tuple[Any, ...]:
        """The outputs of a model that is run once."""
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def run_node(
        cls,
        node: onnx.NodeProto,
        inputs: Any,
        device: str = "CPU",
        outputs_info: Sequence[tuple[np.dtype, tuple[int, ...]]] | None = None,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """The outputs of one node, as a model of the newest operator set or of `opset_version`."""
        names = [name for name in node.input if name]
        given = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
        ports = []
        for name, value in zip(names, given):
            array = np.asarray(value)
            ports.append(helper.make_tensor_value_info(name, _types.number_of(array.dtype), array.shape))
        outputs = [helper.make_empty_tensor_value_info(name) for name in node.output if name]
        opset = helper.make_opsetid(node.domain, kwargs.pop("opset_version", onnx.defs.onnx_opset_version()))
        model = helper.make_model(helper.make_graph([node], "node", ports, outputs), opset_imports=[opset])
        return cls.run_model(model, dict(zip(names, given)), device, **kwargs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Whether it is the CPU."""
        return device.split(":")[0].upper() == "CPU"


is_compatible = OnyxBackend.is_compatible
prepare = OnyxBackend.prepare
run_model = OnyxBackend.run_model
run_node = OnyxBackend.run_node
supports_device = OnyxBackend.supports_device

__all__ = ["OnyxBackend", "OnyxBackendRep", "is_compatible", "prepare", "run_model", "run_node", "supports_device"]
