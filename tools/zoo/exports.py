"""Networks of the PyTorch ecosystem with seeded random weights, exported here; no weights are downloaded.

`NETWORKS` names them by group. A network is made by a function that returns the module and its inputs, and for one that is exported with
dynamic sizes others to run it with; the outputs that are compared are PyTorch's in float64.
"""

import contextlib
import copy
import os
import warnings

import numpy as np
import torch

from export import onnxfiles, torchmodels


def picture(name, batch=1, size=224):
    """Smooth images of about unit variance."""
    generator = torch.Generator().manual_seed(onnxfiles.seed_of(name))
    coarse = torch.randn((batch, 3, 14, 14), generator=generator)
    return torch.nn.functional.interpolate(coarse, size=(size, size), mode="bicubic") + 0.3 * torch.randn(
        (batch, 3, size, size), generator=generator
    )


def ids(name, length=16, count=90):
    """Tokens."""
    return torch.randint(0, count, (1, length), generator=torch.Generator().manual_seed(onnxfiles.seed_of(name)))


def settled(module, inputs, name):
    """The module in eval mode with norms as in trained networks."""
    torchmodels.randomise_norms(module, torch.Generator().manual_seed(onnxfiles.seed_of(f"{name}/norms")))
    return torchmodels.calibrate(module, [tuple(torch.cat([value] * 2) for value in inputs)]), inputs


def from_timm(source, size=224, batch=1, **options):
    """A network of timm."""

    def make(name):
        import timm

        return settled(timm.create_model(source, pretrained=False, **options), (picture(name, batch, size),), name)

    return make


def from_torchvision(source, size=224, pick=None, **options):
    """A network of torchvision; `pick` names the output of those that answer with several."""

    def make(name):
        import torchvision

        found = {"segmentation": torchvision.models.segmentation}.get(source.split(".")[0], torchvision.models)
        module = getattr(found, source.split(".")[-1])(weights=None, **options)
        if "segmentation" in source:
            module = Picked(module, pick or "out")
        return settled(module, (picture(name, size=size),), name)

    return make


class Picked(torch.nn.Module):
    """One entry of what a module answers; `names` are those of its inputs where their order is not that of the module."""

    def __init__(self, module, key, names=None):
        super().__init__()
        self.module, self.key, self.names = module, key, names

    def forward(self, *inputs):
        """The entry."""
        answer = self.module(**dict(zip(self.names, inputs))) if self.names else self.module(*inputs)
        return answer[self.key] if isinstance(answer, (dict, tuple, list)) else getattr(answer, self.key)


def from_smp(source, size=256, **options):
    """A network of segmentation-models-pytorch."""

    def make(name):
        import segmentation_models_pytorch

        module = getattr(segmentation_models_pytorch, source)(encoder_weights=None, **options)
        return settled(module, (picture(name, size=size),), name)

    return make


def resized(make, *shapes):
    """A network that is exported with dynamic sizes and run with pictures of another shape."""

    def wrapped(name):
        module, inputs = make(name)
        return (
            module,
            inputs,
            tuple(torch.randn(shape, generator=torch.Generator().manual_seed(onnxfiles.seed_of(f"{name}/{shape}"))) for shape in shapes),
        )

    return wrapped


def with_cbam(description):
    """The description of YOLOv8n with a CBAM behind each of the three outputs of its neck."""
    from ultralytics.nn import tasks
    from ultralytics.nn.modules import CBAM

    tasks.CBAM = CBAM  # where descriptions look names up
    *layers, (_, *detect) = description["head"]
    first = len(description["backbone"]) + len(layers)
    blocks = [[source, 1, "CBAM", [channels]] for source, channels in zip(description["head"][-1][0], (64, 128, 256))]
    return {**description, "head": [*layers, *blocks, [[first, first + 1, first + 2], *detect]]}


def from_ultralytics(source, size=320, change=None):
    """A detector, built from its description."""

    def make(name):
        from ultralytics import YOLO

        module = YOLO(f"{source}.yaml").model
        if change:
            from ultralytics.nn.tasks import DetectionModel

            torch.manual_seed(onnxfiles.seed_of(name))
            module = DetectionModel(change(copy.deepcopy(module.yaml)), verbose=False)
        module = module.fuse(verbose=False)
        module.eval()
        for part in module.modules():
            if hasattr(part, "export") and hasattr(part, "format"):
                part.export, part.format = True, "onnx"
        return module, (torch.rand((1, 3, size, size), generator=torch.Generator().manual_seed(onnxfiles.seed_of(name))),)

    return make


def from_transformers(kind, key, inputs, names=None, **options):
    """A network of transformers with a small configuration; `inputs` draws its inputs, which have these names."""

    def make(name):
        import transformers

        torch.manual_seed(onnxfiles.seed_of(name))
        config = getattr(transformers, f"{kind[0]}Config")(**options)
        config._attn_implementation = "eager"
        return Picked(getattr(transformers, kind[1])(config), key, names).eval(), inputs(name)

    return make


class Cached(torch.nn.Module):
    """A decoder with the keys and values of the tokens before as inputs and as outputs."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, tokens, mask, *past):
        """The logits, then keys and values of each layer."""
        from transformers import DynamicCache

        cache = DynamicCache()
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        answer = self.module(input_ids=tokens, attention_mask=mask, past_key_values=cache, use_cache=True)
        return answer.logits, *(value for layer in answer.past_key_values.layers for value in (layer.keys, layer.values))


def gpt2_cached(name, past=12, tokens=2):
    """GPT-2 that goes on with a text."""
    import transformers

    torch.manual_seed(onnxfiles.seed_of(name))
    config = transformers.GPT2Config(n_embd=128, n_layer=3, n_head=4, vocab_size=100)
    config._attn_implementation = "eager"
    generator = torch.Generator().manual_seed(onnxfiles.seed_of(name))
    states = [torch.randn((1, 4, past, 32), generator=generator) for _ in range(6)]
    mask = torch.ones((1, past + tokens), dtype=torch.int64)
    return Cached(transformers.GPT2LMHeadModel(config)).eval(), (ids(name, tokens), mask, *states)


class Detections(torch.nn.Module):
    """The boxes, scores and labels of the first picture."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        """What a detector of torchvision answers."""
        found = self.module(list(x.unbind(0)))[0]
        return found["boxes"], found["scores"], found["labels"]


def detector(name):
    """SSD with MobileNetV3, whose thresholds keep a few of the boxes that random weights make."""
    import torchvision

    torch.manual_seed(onnxfiles.seed_of(name))
    module = torchvision.models.detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None, score_thresh=0.01, topk_candidates=20
    )
    generator = torch.Generator().manual_seed(onnxfiles.seed_of(name))
    return settled(Detections(module).eval(), (torch.rand((1, 3, 320, 320), generator=generator),), name)


class Recurrent(torch.nn.Module):
    """A bidirectional LSTM or GRU with attention over time."""

    def __init__(self, kind):
        super().__init__()
        self.layers = kind(24, 32, num_layers=2, bidirectional=True, batch_first=True)
        self.score = torch.nn.Linear(64, 1)

    def forward(self, x):
        """The weighted sum of the states."""
        states, _ = self.layers(x)
        return (torch.softmax(self.score(states), 1) * states).sum(1)


@torch.jit.script
def unrolled(x, weight):
    """A recurrence that a script writes as a Loop."""
    state = torch.zeros_like(x[:, 0])
    for step in range(x.size(1)):
        state = torch.tanh(x[:, step] @ weight + 0.5 * state)
    return state


class Scripted(torch.nn.Module):
    """The recurrence with its weights."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(24, 24) / 5)

    def forward(self, x):
        """The last state."""
        return unrolled(x, self.weight)


def recurrent(module):
    """A module on sequences of 24 features."""

    def make(name):
        torch.manual_seed(onnxfiles.seed_of(name))
        return module().eval(), (torch.randn((1, 20, 24), generator=torch.Generator().manual_seed(1)),)

    return make


def whisper(name):
    """The encoder of a small Whisper."""
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    torch.manual_seed(onnxfiles.seed_of(name))
    config = WhisperConfig(d_model=128, encoder_layers=3, encoder_attention_heads=4, encoder_ffn_dim=256, max_source_positions=100)
    config._attn_implementation = "eager"
    return Picked(WhisperEncoder(config), "last_hidden_state").eval(), (
        torch.randn((1, 80, 200), generator=torch.Generator().manual_seed(1)),
    )


SMALL = {"hidden_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 256, "vocab_size": 100}
CBAM = {"block_args": {"attn_layer": "cbam"}}
NETWORKS = {
    "attention": {
        name: from_timm(name)
        for name in (
            "seresnet18",
            "seresnet50",
            "ecaresnet50d",
            "seresnext50_32x4d",
            "mobilenetv3_large_100",
            "mobilenetv4_conv_small",
            "efficientnet_b0",
            "ghostnet_100",
            "regnety_008",
            "mobileone_s0",
            "repvit_m0_9",
        )
    }
    | {
        "cbamresnet18": from_timm("resnet18", **CBAM),
        "cbamresnet50": from_timm("resnet50", **CBAM),
    }
    | {f"{name}-batch8": from_timm(name, batch=8) for name in ("seresnet18", "mobilenetv3_large_100", "efficientnet_b0")},
    "cnn": {
        name: from_timm(name) for name in ("resnet50", "convnext_tiny", "densenet121", "hrnet_w18_small", "mobilenetv2_100", "repvgg_a0")
    }
    | {
        "inception_v3": from_timm("inception_v3", 299),
        "shufflenet_v2_x1_0": from_torchvision("shufflenet_v2_x1_0"),
        "googlenet": from_torchvision("googlenet", aux_logits=False, init_weights=False),
        "squeezenet1_1": from_torchvision("squeezenet1_1"),
    }
    | {f"{name}-batch8": from_timm(name, batch=8) for name in ("resnet50", "convnext_tiny")},
    "vision": {
        name: from_timm(name)
        for name in (
            "vit_tiny_patch16_224",
            "vit_small_patch16_224",
            "deit_tiny_distilled_patch16_224",
            "swin_tiny_patch4_window7_224",
            "efficientvit_b0",
            "levit_128s",
            "cait_xxs24_224",
            "coat_lite_tiny",
        )
    }
    | {
        "maxvit_nano_rw_256": from_timm("maxvit_nano_rw_256", 256),
        "mobilevit_xxs": from_timm("mobilevit_xxs", 256),
        "vit_small_patch16_224-batch8": from_timm("vit_small_patch16_224", batch=8),
    },
    "segmentation": {
        "unet-scse": from_smp("Unet", encoder_name="resnet18", decoder_attention_type="scse"),
        "fpn": from_smp("FPN", encoder_name="resnet18"),
        "deeplabv3plus": from_smp("DeepLabV3Plus", encoder_name="mobilenet_v2"),
        "pspnet": from_smp("PSPNet", encoder_name="resnet18"),
        "deeplabv3_mobilenet": from_torchvision("segmentation.deeplabv3_mobilenet_v3_large", 256, weights_backbone=None),
        "lraspp_mobilenet": from_torchvision("segmentation.lraspp_mobilenet_v3_large", 256, weights_backbone=None),
        "unet-scse-dynamic": resized(from_smp("Unet", encoder_name="resnet18", decoder_attention_type="scse"), (2, 3, 192, 320)),
        "fpn-dynamic": resized(from_smp("FPN", encoder_name="resnet18"), (2, 3, 192, 320)),
        "deeplabv3plus-dynamic": resized(from_smp("DeepLabV3Plus", encoder_name="mobilenet_v2"), (2, 3, 192, 320)),
        "deeplabv3_mobilenet-dynamic": resized(
            from_torchvision("segmentation.deeplabv3_mobilenet_v3_large", 256, weights_backbone=None), (2, 3, 192, 320)
        ),
        "lraspp_mobilenet-dynamic": resized(
            from_torchvision("segmentation.lraspp_mobilenet_v3_large", 256, weights_backbone=None), (2, 3, 192, 320)
        ),
    },
    "detection": {
        "yolov8n": from_ultralytics("yolov8n"),
        "yolo11n": from_ultralytics("yolo11n"),
        "yolov8n-cbam": from_ultralytics("yolov8n", change=with_cbam),
        "ssdlite320": detector,
    },
    "text": {
        "bert": from_transformers(
            ("Bert", "BertModel"), "last_hidden_state", lambda name: (ids(name), torch.ones((1, 16), dtype=torch.int64)), **SMALL
        ),
        "bert-512": from_transformers(
            ("Bert", "BertModel"),
            "last_hidden_state",
            lambda name: (ids(name, 128), torch.ones((1, 128), dtype=torch.int64)),
            **{**SMALL, "hidden_size": 512, "num_hidden_layers": 4, "num_attention_heads": 8, "intermediate_size": 2048},
        ),
        "distilbert": from_transformers(
            ("DistilBert", "DistilBertModel"),
            "last_hidden_state",
            lambda name: (ids(name), torch.ones((1, 16), dtype=torch.int64)),
            dim=128,
            n_layers=3,
            n_heads=4,
            hidden_dim=256,
            vocab_size=100,
        ),
        "gpt2": from_transformers(
            ("GPT2", "GPT2LMHeadModel"),
            "logits",
            lambda name: (ids(name), torch.ones((1, 16), dtype=torch.int64)),
            ("input_ids", "attention_mask"),
            n_embd=128,
            n_layer=3,
            n_head=4,
            vocab_size=100,
            use_cache=False,
        ),
        "gpt2-cache": gpt2_cached,
        "t5-encoder": from_transformers(
            ("T5", "T5EncoderModel"),
            "last_hidden_state",
            lambda name: (ids(name),),
            d_model=128,
            num_layers=3,
            num_heads=4,
            d_ff=256,
            vocab_size=100,
            d_kv=32,
        ),
        "whisper-encoder": whisper,
        "clip-vision": from_transformers(
            ("CLIPVision", "CLIPVisionModel"),
            "last_hidden_state",
            lambda name: (picture(name, size=64),),
            hidden_size=128,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=256,
            image_size=64,
            patch_size=16,
        ),
    },
    "recurrent": {
        "lstm-attention": recurrent(lambda: Recurrent(torch.nn.LSTM)),
        "gru-attention": recurrent(lambda: Recurrent(torch.nn.GRU)),
        "scripted-loop": recurrent(Scripted),
    },
}
EXPORTERS = ("torchscript", "dynamo")


@contextlib.contextmanager
def silence():
    """Nothing of what PyTorch's exporters print, whose C++ part does so past Python, is shown."""
    kept = [os.dup(number) for number in (1, 2)]
    with open(os.devnull, "w") as nothing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in (1, 2):
            os.dup2(nothing.fileno(), number)
        try:
            yield
        finally:
            for number, copy in zip((1, 2), kept):
                os.dup2(copy, number)
                os.close(copy)


def expected(module, inputs):
    """What PyTorch answers in float64, rounded to float32; in float32 where a module cannot be made so."""

    def change(value, kind):
        return value.to(kind) if isinstance(value, torch.Tensor) and value.is_floating_point() else value

    try:
        outputs = copy.deepcopy(module).double()(*(change(value, torch.float64) for value in inputs))
    except (RuntimeError, TypeError, NotImplementedError):
        outputs = module(*inputs)
    outputs = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    return [change(value, torch.float32).numpy() for value in outputs if isinstance(value, torch.Tensor)]


def export(module, inputs, path, exporter, others=None):
    """Writes the model with the data set of PyTorch's outputs, of the other inputs where the export has dynamic sizes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [f"x{place}" for place in range(len(inputs))]
    axes = {0: "n", 2: "h", 3: "w"}
    with silence(), torch.no_grad():
        outputs = expected(module, others or inputs)  # before the export, which leaves traces in a detector
        if exporter == "torchscript":
            options = {"dynamic_axes": {name: axes for name in names}} if others else {}
            torch.onnx.export(
                module,
                inputs,
                str(path),
                dynamo=False,
                opset_version=torchmodels.TORCHSCRIPT_OPSET,
                input_names=names,
                output_names=["y"],
                **options,
            )
        else:
            shapes = tuple({axis: torch.export.Dim.DYNAMIC for axis in axes} for _ in inputs)
            # The inputs of `Picked` are one variadic parameter, whose shapes are a tuple of their own.
            options = {"dynamic_shapes": (shapes,) if isinstance(module, Picked) else shapes} if others else {}
            start = tuple(torch.cat([value] * 2) for value in inputs) if others else inputs  # a batch of 1 would stay 1
            torch.onnx.export(module, start, str(path), dynamo=True, input_names=names, external_data=False, verbose=False, **options)
    inputs = others or inputs
    import onnx

    slots = onnx.load(path, load_external_data=False).graph.output
    onnxfiles.write_data_set(
        path.parent / "test_data_set_0",
        names,
        [value.numpy() for value in inputs],
        [slot.name for slot in slots][: len(outputs)],
        [np.asarray(value) for value in outputs][: len(slots)],
    )


def networks(cache, groups, wanted=""):
    """(name, path) of the exports of the groups; makes what is missing."""
    for group in groups:
        for name, make in NETWORKS[group].items():
            if wanted and not any(word in name for word in wanted):
                continue
            for exporter in EXPORTERS:
                path = cache / "exports" / name / exporter / "model.onnx"
                label = f"{name}/{exporter}"
                if not (path.parent / "test_data_set_0" / "output_0.pb").exists():
                    try:
                        torch.manual_seed(onnxfiles.seed_of(name))
                        module, inputs, *others = make(name)  # anew: a detector keeps what the exporter before it traced
                        export(module, inputs, path, exporter, *others)
                    except Exception as error:  # an exporter that cannot is no fault of a runtime
                        cause = error.__cause__ or error
                        yield label, f"{type(cause).__name__}: {cause}".splitlines()[0][:200]
                        continue
                yield label, path
