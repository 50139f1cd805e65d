"""Small networks with weights, one or more for each kind of attention, and what PyTorch computes inside of their blocks.

`NETWORKS` has a function by name that makes a module in eval mode; each reads pictures of 8×8 to 32×32 pixels. `expected` lists the
blocks that a network was built with, `observe` gives their gates and maps.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from export import gate_blocks as blocks


class Chain(nn.Module):
    """A convolution, then blocks with a convolution between each two, then a classifier."""

    def __init__(self, *parts, channels=8):
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.ModuleList(parts)
        self.between = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()) for _ in parts)
        self.head = nn.Linear(channels, 4)

    def forward(self, x):
        x = F.relu(self.stem(x))
        for block, between in zip(self.blocks, self.between):
            x = between(block(x))
        return self.head(x.mean((2, 3)))


class Tokens(nn.Module):
    """Patches as tokens, a module over them, and a classifier of their mean."""

    def __init__(self, module, width=16):
        super().__init__()
        self.patches, self.module, self.head = nn.Conv2d(3, width, 4, stride=4), module, nn.Linear(width, 4)

    def forward(self, x):
        return self.head(self.module(self.patches(x).flatten(2).transpose(1, 2)))


class Residual(nn.Module):
    """Normalised attention with a shortcut, and the mean of the tokens."""

    def __init__(self, attention, width=16):
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(width), attention

    def forward(self, x):
        return (x + self.attention(self.norm(x))).mean(1)


class Pyramid(nn.Module):
    """A map at three sizes, joined from the coarsest to the finest by blocks that read two."""

    def __init__(self, first, second, widths=(8, 8, 8)):
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(i, o, 3, stride=2, padding=1) for i, o in zip((3, *widths), widths))
        self.first, self.second = first, second
        self.head = nn.Conv2d(widths[0], 2, 1)

    def forward(self, x):
        maps = []
        for layer in self.down:
            x = F.relu(layer(x))
            maps.append(x)
        return self.head(self.second(maps[0], self.first(maps[1], maps[2])))


class Gated(nn.Module):
    """A gate of Attention U-Net and the two convolutions around it; from the coarser map to the finer."""

    def __init__(self, channels=8, strided=False):
        super().__init__()
        self.gate_of_skip = blocks.AttentionGate(channels, channels, strided=strided)
        self.join = nn.Conv2d(2 * channels, channels, 3, padding=1)

    def forward(self, skip, coarse):
        return F.relu(self.join(torch.cat([self.gate_of_skip(skip, coarse), F.interpolate(coarse, scale_factor=2)], 1)))


class Swapped(nn.Module):
    """A block that reads the coarser map first."""

    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, fine, coarse):
        return self.block(coarse, fine)


class Pictures(nn.Module):
    """A layer over a map with the channels last, or first in places of patches."""

    def __init__(self, module, form):
        super().__init__()
        self.stem, self.module, self.form, self.head = nn.Conv2d(3, 8, 3, padding=1), module, form, nn.Linear(8, 4)

    def forward(self, x):
        x = self.stem(x)
        if self.form == "last":
            return self.head(self.module(x.permute(0, 2, 3, 1)).mean((1, 2)))
        batch, channels, height, width = x.shape
        x = x.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 1, 3, 5, 2, 4)
        return self.head(self.module(x.reshape(batch, channels, 4, -1)).mean((2, 3)))


class Decoder(nn.Module):
    """Learned queries that attend to the places of a map."""

    def __init__(self, attention, width=8):
        super().__init__()
        self.stem, self.queries = nn.Conv2d(3, width, 3, stride=2, padding=1), nn.Parameter(torch.zeros(1, 5, width))
        self.first, self.attention, self.head = nn.Linear(width, width), attention, nn.Linear(width, 4)

    def forward(self, x):
        keys = F.relu(self.stem(x)).flatten(2).transpose(1, 2)
        queries = F.relu(self.first(self.queries + keys.mean(1, keepdim=True)))
        return self.head(self.attention(queries, keys).mean(1))


class Lookalikes(nn.Module):
    """Products that are no attention: SiLU, Mish, gated linear units, scaling by a norm, shares of experts without pooling, gated
    convolutions of two layers, a learned scale, a pooled classifier."""

    def __init__(self, channels=8):
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1)
        self.glu = nn.Conv2d(channels, 2 * channels, 1)
        self.geglu = nn.Conv2d(channels, 2 * channels, 1)
        self.swiglu, self.swiglu_2, self.down = (nn.Conv2d(channels, channels, 1) for _ in range(3))
        self.star, self.star_2 = nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.experts = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.shares = nn.Conv2d(channels, 2, 1)
        self.scale = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.group = nn.GroupNorm(4, channels)
        self.head = nn.Linear(channels, 4)

    def forward(self, x):
        x = F.mish(F.silu(self.stem(x)))
        x = x + F.glu(self.glu(x), 1)
        value, gate = self.geglu(x).chunk(2, 1)
        x = x + value * F.gelu(gate)
        x = x + self.down(F.silu(self.swiglu(x)) * self.swiglu_2(x))
        x = x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-5) * self.scale
        x = x + F.relu6(self.star(x)) * self.star_2(x)
        x = self.group(x) * torch.sigmoid(self.scale)
        shares = torch.softmax(self.shares(x), 1)
        x = sum(expert(x) * shares[:, index:index + 1] for index, expert in enumerate(self.experts))
        x = x / (x.pow(2).sum((2, 3), keepdim=True) + 1e-5).sqrt()
        return torch.sigmoid(self.head(x.mean((2, 3))))


class Coat(nn.Module):
    """Factorised attention with positions of convolutions, over patches and a class token."""

    def __init__(self, block):
        from timm.models.coat import ConvRelPosEnc

        super().__init__()
        block.crpe = ConvRelPosEnc(16 // block.num_heads, block.num_heads, 3)
        self.patches, self.token, self.block = nn.Conv2d(3, 16, 4, stride=4), nn.Parameter(torch.zeros(1, 1, 16)), block
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        patches = self.patches(x)
        tokens = patches.flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(x.shape[0], -1, -1), tokens], 1)
        return self.head(self.block(tokens, patches.shape[2:])[:, 0])


def chain(*makers):
    """A chain of blocks, each of its maker for 8 channels."""
    return lambda: Chain(*(make(8) for make in makers))


def timm_model(path, name, **options):
    """A network of timm by its class, for pictures of 32×32 pixels and 4 classes."""

    def make():
        import importlib

        import timm.layers

        timm.layers.set_fused_attn(False)
        return getattr(importlib.import_module(f"timm.{path}"), name)(num_classes=4, **options)

    return make


def timm_part(path, name, wrap, *values, **options):
    """A layer of timm inside a small network."""

    def make():
        import importlib

        import timm.layers

        timm.layers.set_fused_attn(False)
        return wrap(getattr(importlib.import_module(f"timm.{path}"), name)(*values, **options))

    return make


def coordinates():
    """Coordinate attention of timm and as its paper writes it."""
    from timm.layers.coord_attn import CoordAttn

    return Chain(CoordAttn(8), blocks.Coordinate(8))


def excitations():
    """Effective squeeze and excitation of timm, with each of its gates."""
    from timm.layers import EffectiveSEModule

    return Chain(EffectiveSEModule(8), EffectiveSEModule(8, gate_layer="sigmoid"))


def contexts():
    """Global context that scales the channels, and that is added to them."""
    from timm.layers import GlobalContext

    return Chain(GlobalContext(8, rd_channels=4), GlobalContext(8, rd_channels=4, fuse_add=True, fuse_scale=False))


def lraspp():
    """The head of LR-ASPP behind a backbone of two convolutions."""
    from torchvision.models.segmentation.lraspp import LRASPPHead

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.low, self.high = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Conv2d(8, 16, 3, stride=2, padding=1)
            self.classifier = LRASPPHead(8, 16, 2, 12)

        def forward(self, x):
            low = F.relu(self.low(x))
            return self.classifier({"low": low, "high": F.relu(self.high(low))})

    return Network()


def smp_blocks(path, name, wrap, *values, **options):
    """Two blocks of a decoder of segmentation_models_pytorch between three maps."""

    def make():
        import importlib

        block = getattr(importlib.import_module(f"segmentation_models_pytorch.decoders.{path}"), name)
        return Pyramid(*(wrap(block(*values, **options)) for _ in range(2)))

    return make


def smp_part(path, name, *values, **options):
    """Two blocks of a decoder of segmentation_models_pytorch that read one map, in a small network."""

    def make():
        import importlib

        block = getattr(importlib.import_module(f"segmentation_models_pytorch.decoders.{path}"), name)
        return Chain(block(*values, **options), block(*values, **options))

    return make


def maxvit():
    """A window and a grid over a map of 8×8 places."""
    from timm.models import maxxvit
    import timm.layers

    timm.layers.set_fused_attn(False)
    transformer = maxxvit.MaxxVitTransformerCfg(dim_head=8, window_size=(4, 4), grid_size=(4, 4))
    conv = maxxvit.MaxxVitConvCfg(attn_layer="")
    config = maxxvit.MaxxVitCfg(
        embed_dim=(16,), depths=(1,), block_type=("M",), stem_width=8, conv_cfg=conv, transformer_cfg=transformer, head_hidden_size=None)
    return maxxvit.MaxxVit(config, img_size=32, num_classes=4)


NETWORKS = {
    "bam": chain(blocks.BAM, lambda c: blocks.BAM(c, 2)),
    "gct": chain(blocks.GatedChannel, blocks.GatedChannel),
    "double": chain(blocks.DoubleAttention, lambda c: blocks.DoubleAttention(c, 4, 3)),
    "simam": chain(blocks.SimAM, blocks.SimAM),
    "sge": chain(blocks.SpatialGroups, lambda c: blocks.SpatialGroups(c, 2)),
    "shuffle": chain(blocks.ShuffleAttention, lambda c: blocks.ShuffleAttention(c, 1)),
    "ge": chain(blocks.GatherExcite, lambda c: blocks.GatherExcite(c, learned=True)),
    "lka": chain(blocks.LargeKernelBlock, blocks.LargeKernelBlock),
    "srm": chain(blocks.StyleRecalibration, blocks.StyleRecalibration),
    "fca": chain(blocks.FrequencyChannels, lambda c: blocks.FrequencyChannels(c, waves=((0, 0), (1, 2)))),
    "parnet": chain(blocks.ParNet, blocks.ParNet),
    "cot": chain(blocks.ContextualTransformer, lambda c: blocks.ContextualTransformer(c, 5)),
    "polarised": chain(blocks.Polarised, lambda c: blocks.Polarised(c, in_row=True)),
    "axial": chain(blocks.Axial, lambda c: blocks.Axial(c, 4)),
    "attention-unet": lambda: Pyramid(Gated(), Gated(strided=True)),
    "lraspp": lraspp,
    "ese": excitations,
    "gc": contexts,
    "coordinate": coordinates,
    "triplet": chain(blocks.Triplet, blocks.Triplet),
    "fpa": smp_part("pan.decoder", "FPABlock", 8, 8),
    "pab": smp_part("manet.decoder", "PABBlock", 8, pab_channels=6),
    "pan": smp_blocks("pan.decoder", "GAUBlock", lambda block: block, 8, 8),
    "manet": smp_blocks("manet.decoder", "MFABBlock", Swapped, 8, 8, 8, reduction=4),
    "lookalikes": Lookalikes,
    "vit": timm_model("models.vision_transformer", "VisionTransformer", img_size=16, patch_size=4, embed_dim=16, depth=2, num_heads=2),
    "cait": timm_model("models.cait", "Cait", img_size=16, patch_size=4, embed_dim=16, depth=2, num_heads=4, depth_token_only=1),
    "convit": timm_model("models.convit", "ConVit", img_size=16, patch_size=4, embed_dim=4, depth=2, num_heads=4, local_up_to_layer=1),
    "swin": timm_model(
        "models.swin_transformer", "SwinTransformer", img_size=32, patch_size=4, embed_dim=16, depths=(2,), num_heads=(2,), window_size=4),
    "maxvit": maxvit,
    "pvt": timm_model(
        "models.pvt_v2", "PyramidVisionTransformerV2", depths=(1,), embed_dims=(16,), num_heads=(2,), sr_ratios=(2,),
        mlp_ratios=(2,)),
    "coat": timm_part("models.coat", "FactorAttnConvRelPosEnc", Coat, 16, num_heads=2, qkv_bias=True),
    "xcit": timm_part("models.xcit", "XCA", lambda block: Tokens(Residual(block)), 16, num_heads=2),
    "pooling": timm_part("layers.attention_pool", "AttentionPoolLatent", Tokens, 16, num_heads=2),
    "halo": timm_part("layers.halo_attn", "HaloAttn", Chain, 8, num_heads=2, block_size=4, halo_size=1),
    "outlook": timm_part("models.volo", "OutlookAttention", lambda block: Pictures(block, "last"), 8, 2),
    "separable": timm_part("models.mobilevit", "LinearSelfAttention", lambda block: Pictures(block, "patches"), 8),
    "additive": lambda: Decoder(blocks.Additive(8)),
    "deformable": chain(blocks.Deformable, lambda c: blocks.SampledKeys(c)),
    "lite-mla": timm_part("models.efficientvit_mit", "LiteMLA", Chain, 8, 8, heads=2, dim=4),
}


def side(name):
    """Of the picture that a network reads."""
    if name in ("axial", "outlook", "separable", "additive", "deformable", "pab"):
        return 8
    return 32 if name in ("swin", "maxvit", "pvt", "attention-unet", "pan", "manet") else 16


# By class: the kind of a module of a library.
CLASSES = {
    "EffectiveSEModule": "ESE", "GlobalContext": "GC", "CoordAttn": "coordinate", "FPABlock": "FPA", "PABBlock": "PAB",
    "LRASPPHead": "LR-ASPP", "GAUBlock": "GAU", "MFABBlock": "MFAB", "ClassAttn": "class-attention",
    "TalkingHeadAttn": "talking-heads-attention", "GPSA": "gated-positional-attention", "MHSA": "self-attention",
    "FactorAttnConvRelPosEnc": "factorised-attention", "XCA": "cross-covariance-attention", "AttentionPoolLatent": "attention-pooling",
    "HaloAttn": "neighbourhood-attention", "LiteMLA": "linear-attention",
    "OutlookAttention": "outlook-attention", "LinearSelfAttention": "separable-attention",
}


def kind(module, around):
    """The kind of the block that a module is; None for other modules."""
    if hasattr(module, "kind"):
        return module.kind
    name, file = type(module).__name__, type(module).__module__.split(".")[-1]
    if file == "swin_transformer" and name == "WindowAttention":
        return "shifted-window-attention" if any(around.shift_size) else "window-attention"
    if file == "maxxvit" and name == "AttentionCl":
        return "window-attention" if around.partition_block else "grid-attention"
    if name == "Attention":
        return "pooled-key-attention" if file == "pvt_v2" else "self-attention"
    return CLASSES.get(name)


def expected(network):
    """Module and kind of every block of a network, in the order of its modules."""
    modules = dict(network.named_modules())
    found = ((path, kind(module, modules[path.rpartition(".")[0]])) for path, module in modules.items() if path)
    return [{"module": path, "kind": name} for path, name in found if name]


def depth(maps, side):
    """The rollout over maps [N, heads, T, T] of a class token and side×side patches, and of each map's heads the mean entropy, as a share of
    the largest, and the mean distance in patches."""
    count = maps[0].shape[-1]
    eye = torch.eye(count, dtype=torch.float64)
    rollout = eye.expand(maps[0].shape[0], -1, -1)
    entropies, distances = [], []
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    places = torch.stack([rows.flatten(), columns.flatten()], -1).double()
    for shares in (map_.double() for map_ in maps):
        mixed = (shares.mean(1) + eye) / 2
        rollout = (mixed / mixed.sum(-1, keepdim=True)) @ rollout
        entropies.append(-(shares * shares.clamp_min(1e-30).log()).sum(-1).mean((0, 2)) / torch.tensor(float(count)).log())
        among = shares[:, :, 1:, 1:] / shares[:, :, 1:, 1:].sum(-1, keepdim=True)
        distances.append((among * torch.cdist(places, places)).sum(-1).mean((0, 2)))
    return {"rollout": rollout, "entropy": torch.stack(entropies), "distance": torch.stack(distances)}


class Functions(TorchFunctionMode):
    """Keeps the results of softmax, sigmoid and interpolation of the innermost block that runs, by the function's name."""

    def __init__(self, running, kept):
        super().__init__()
        self.running, self.kept = running, kept

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "")
        if self.running and name in ("softmax", "sigmoid", "interpolate"):
            self.kept.setdefault(self.running[-1], {}).setdefault(name, []).append(result)
        return result


def observe(network, x):
    """The gates and maps of every block in a run: `MODULE/gate`, `MODULE/map`, `MODULE/map-2`."""
    running, functions, kept = [], {}, {}
    kinds = {block["module"]: block["kind"] for block in expected(network)}

    def keep(path, name, value):
        kept[f"{path}/{name}"] = value

    for path, block_kind in kinds.items():
        module = network.get_submodule(path)
        module.register_forward_pre_hook(lambda *_, path=path: running.append(path))
        module.register_forward_hook(lambda *_: running.pop() and None)
        for inner, part in module.named_modules():
            last = inner.rpartition(".")[2]
            if block_kind in ("coordinate", "triplet"):  # one module makes several of their tensors
                continue
            if last in ("gate", "map", "map_2"):
                part.register_forward_hook(lambda _, __, value, path=path, last=last: keep(path, last.replace("_", "-"), value))
            elif inner in ("scale.2", "conv1.2") and isinstance(part, nn.Sigmoid):
                part.register_forward_hook(lambda _, __, value, path=path: keep(path, "gate", value))
            elif inner == "mlp_add":
                part.register_forward_hook(lambda _, __, value, path=path: keep(path, "gate", value))
            elif inner in ("SE_hl", "SE_ll"):
                part.register_forward_hook(
                    lambda _, __, value, path=path: keep(path, "gate", value + kept.get(f"{path}/gate", torch.zeros(()))))
            elif last == "kernel_func":  # the features of the queries, then of the keys
                part.register_forward_hook(
                    lambda _, __, value, path=path: keep(
                        path, *(("map-2", value.transpose(-1, -2)) if f"{path}/map" in kept else ("map", value))))
    with torch.no_grad(), Functions(running, functions):
        network(x)
    for path, results in functions.items():
        for name, value in called(network.get_submodule(path), kinds[path], results):
            if f"{path}/{name}" not in kept:
                keep(path, name, value)
    return kept


def called(module, block_kind, results):
    """What functions and not modules of a block made: name and value of its gates and maps, from their results by the function's name."""
    if block_kind == "coordinate":  # of the columns, which weigh the map first, and of the rows
        first, second = sorted(results["sigmoid"], key=lambda value: value.shape[2])
        return [("gate", first), ("gate-2", second)]
    if block_kind == "triplet":
        return zip(("map", "map-2", "map-3"), results["sigmoid"])
    if block_kind == "FPA":
        return [("map", results["interpolate"][-1])]
    if block_kind == "GC":
        return [("map", results["softmax"][0])]
    shares = results.get("softmax", [])[:1]
    if block_kind == "factorised-attention":  # it has one of the keys alone
        return [("map-2", value.transpose(-1, -2)) for value in shares]
    # Gated positional attention has a second one, of the places.
    return [("map", value) for value in shares]
