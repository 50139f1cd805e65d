"""Attention blocks of convolutional networks, each after its paper, for small networks that tests look into.

`kind` is the name of the kind that a module is. The modules `gate` and `map` give the tensors that the kind tells of; where the paper has
no activation there, they are identities, which no exporter writes.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def mlp(channels, hidden, outputs=None):
    """Two 1×1 convolutions."""
    return nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, outputs or channels, 1))


class BAM(nn.Module):
    """Bottleneck attention module: x · (1 + sigmoid(channels + places)). Park and others, 2018, arXiv:1807.06514."""

    kind = "BAM"

    def __init__(self, channels, reduction=4):
        super().__init__()
        hidden = channels // reduction
        self.channel = nn.Sequential(
            nn.Flatten(), nn.Linear(channels, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, channels),
            nn.BatchNorm1d(channels))
        self.place = nn.Sequential(
            nn.Conv2d(channels, hidden, 1), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=4, dilation=4), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=4, dilation=4), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, 1, 1), nn.BatchNorm2d(1))
        self.map = nn.Sigmoid()

    def forward(self, x):
        channel = self.channel(F.adaptive_avg_pool2d(x, 1))[:, :, None, None]
        return x + x * self.map(channel.expand_as(x) + self.place(x).expand_as(x))


class GatedChannel(nn.Module):
    """Gated channel transformation: x · (1 + tanh(γ · normalised ‖x‖ + β)). Yang and others, 2020, arXiv:1909.11519."""

    kind = "GCT"

    def __init__(self, channels, epsilon=1e-5):
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.epsilon = epsilon
        self.gate = nn.Identity()

    def forward(self, x):
        embedding = (x.pow(2).sum((2, 3), keepdim=True) + self.epsilon).pow(0.5) * self.alpha
        norm = self.gamma / (embedding.pow(2).mean(1, keepdim=True) + self.epsilon).pow(0.5)
        return x * self.gate(1 + torch.tanh(embedding * norm + self.beta))


class DoubleAttention(nn.Module):
    """A² block: features gathered by one softmax over the places, handed out by one over the descriptors. Chen and others, 2018,
    arXiv:1810.11579."""

    kind = "double-attention"

    def __init__(self, channels, width=6, descriptors=5):
        super().__init__()
        self.features = nn.Conv2d(channels, width, 1)
        self.gathering = nn.Conv2d(channels, descriptors, 1)
        self.handing = nn.Conv2d(channels, descriptors, 1)
        self.last = nn.Conv2d(width, channels, 1)
        self.map = nn.Identity()
        self.map_2 = nn.Identity()

    def forward(self, x):
        features = self.features(x).flatten(2)
        gathering = self.map_2(torch.softmax(self.gathering(x).flatten(2), -1).transpose(1, 2))
        handing = self.map(torch.softmax(self.handing(x).flatten(2), 1))
        descriptors = features @ gathering
        return x + self.last((descriptors @ handing).view(x.shape[0], -1, *x.shape[2:]))


class SimAM(nn.Module):
    """A simple module without parameters: x · sigmoid(energy). Yang and others, ICML 2021."""

    kind = "SimAM"

    def __init__(self, channels, weight=1e-4):
        super().__init__()
        self.weight = weight
        self.map = nn.Sigmoid()

    def forward(self, x):
        count = x.shape[2] * x.shape[3] - 1
        squares = (x - x.mean((2, 3), keepdim=True)).pow(2)
        variance = squares.sum((2, 3), keepdim=True) / count
        return x * self.map(squares / (4 * (variance + self.weight)) + 0.5)


class SpatialGroups(nn.Module):
    """Spatial group-wise enhance: places of a group are weighed by their likeness to its mean. Li and others, 2019, arXiv:1905.09646."""

    kind = "SGE"

    def __init__(self, channels, groups=4):
        super().__init__()
        self.groups = groups
        self.weight = nn.Parameter(torch.zeros(1, groups, 1, 1))
        self.bias = nn.Parameter(torch.ones(1, groups, 1, 1))
        self.map = nn.Sigmoid()

    def forward(self, x):
        batch, channels, height, width = x.shape
        groups = x.view(batch * self.groups, -1, height, width)
        likeness = (groups * F.adaptive_avg_pool2d(groups, 1)).sum(1, keepdim=True).view(batch * self.groups, -1)
        likeness = likeness - likeness.mean(1, keepdim=True)
        likeness = likeness / (likeness.std(1, keepdim=True) + 1e-5)
        likeness = likeness.view(batch, self.groups, height, width) * self.weight + self.bias
        return (groups * self.map(likeness.view(batch * self.groups, 1, height, width))).view(batch, channels, height, width)


class ShuffleAttention(nn.Module):
    """Shuffle attention: of each group one half is weighed by its channels, one by its normalised places. Zhang and Yang, 2021,
    arXiv:2102.00053."""

    kind = "shuffle"

    def __init__(self, channels, groups=2):
        super().__init__()
        self.groups = groups
        half = channels // (2 * groups)
        self.scale = nn.Parameter(torch.zeros(1, half, 1, 1))
        self.shift = nn.Parameter(torch.ones(1, half, 1, 1))
        self.place_scale = nn.Parameter(torch.zeros(1, half, 1, 1))
        self.place_shift = nn.Parameter(torch.ones(1, half, 1, 1))
        self.norm = nn.GroupNorm(half, half)
        self.gate = nn.Sigmoid()
        self.map = nn.Sigmoid()

    def forward(self, x):
        batch, channels, height, width = x.shape
        first, second = x.reshape(batch * self.groups, -1, height, width).chunk(2, dim=1)
        first = first * self.gate(self.scale * F.adaptive_avg_pool2d(first, 1) + self.shift)
        second = second * self.map(self.place_scale * self.norm(second) + self.place_shift)
        joined = torch.cat([first, second], 1).reshape(batch, -1, height, width)
        return joined.reshape(batch, 2, channels // 2, height, width).permute(0, 2, 1, 3, 4).reshape(batch, -1, height, width)


class GatherExcite(nn.Module):
    """Gather-excite: gates for neighbourhoods, from means over them or from strided convolutions of each channel, repeated over their
    places. Hu and others, 2018, arXiv:1810.12348."""

    kind = "GE"

    def __init__(self, channels, learned=False, reduction=4):
        super().__init__()
        step = [nn.Conv2d(channels, channels, 3, stride=2, padding=1, groups=channels, bias=False), nn.BatchNorm2d(channels)]
        again = [nn.Conv2d(channels, channels, 3, stride=2, padding=1, groups=channels, bias=False), nn.BatchNorm2d(channels)]
        self.gather = nn.Sequential(*step, nn.ReLU(), *again) if learned else nn.AvgPool2d(7, 4, 3, count_include_pad=False)
        self.excite = nn.Identity() if learned else mlp(channels, channels // reduction)
        self.map = nn.Sigmoid()

    def forward(self, x):
        return x * self.map(F.interpolate(self.excite(self.gather(x)), size=x.shape[2:]))


class LargeKernel(nn.Module):
    """Large kernel attention: x · (1×1 of a dilated of a plain convolution of each channel). Guo and others, 2022, arXiv:2202.09741."""

    kind = "LKA"

    def __init__(self, channels):
        super().__init__()
        self.near = nn.Conv2d(channels, channels, 5, padding=2, groups=channels)
        self.far = nn.Conv2d(channels, channels, 7, padding=9, groups=channels, dilation=3)
        self.point = nn.Conv2d(channels, channels, 1)
        self.map = nn.Identity()

    def forward(self, x):
        return x * self.map(self.point(self.far(self.near(x))))


class LargeKernelBlock(nn.Module):
    """The attention of a visual attention network: projection, GELU, large kernel attention, projection, shortcut."""

    def __init__(self, channels):
        super().__init__()
        self.first, self.last = nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 1)
        self.gating = LargeKernel(channels)

    def forward(self, x):
        return x + self.last(self.gating(F.gelu(self.first(x))))


class StyleRecalibration(nn.Module):
    """Style-based recalibration: gates from mean and deviation of each channel alone. Lee and others, 2019, arXiv:1903.10829."""

    kind = "SRM"

    def __init__(self, channels):
        super().__init__()
        self.layer = nn.Conv1d(channels, channels, 2, groups=channels, bias=False)
        self.norm = nn.BatchNorm1d(channels)
        self.gate = nn.Sigmoid()

    def forward(self, x):
        flat = x.flatten(2)
        style = torch.stack([flat.mean(-1), flat.std(-1)], -1)
        return x * self.gate(self.norm(self.layer(style)))[:, :, :, None]


class FrequencyChannels(nn.Module):
    """FcaNet's multi-spectral channel attention: channels are pooled by waves of a cosine transform. Qin and others, 2021,
    arXiv:2012.11879."""

    kind = "FCA"

    def __init__(self, channels, side=16, reduction=4, waves=((0, 0), (0, 1), (6, 0), (0, 5))):
        super().__init__()
        places = (torch.arange(side) + 0.5) * torch.pi / side
        tables = [torch.cos(u * places)[:, None] * torch.cos(v * places)[None] * (2 ** 0.5) ** ((u > 0) + (v > 0)) for u, v in waves]
        table = torch.stack([tables[index * len(waves) // channels] for index in range(channels)]) / side
        self.table = table
        self.layers = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False), nn.ReLU(), nn.Linear(channels // reduction, channels, bias=False))
        self.gate = nn.Sigmoid()

    def forward(self, x):
        pooled = (x * self.table).sum((2, 3))
        return x * self.gate(self.layers(pooled))[:, :, None, None]


class SkipExcitation(nn.Module):
    """Skip-squeeze-and-excitation: one layer over the pooled channels. Goyal and others, 2021, arXiv:2110.07641."""

    def __init__(self, channels):
        super().__init__()
        self.layer = nn.Conv2d(channels, channels, 1)
        self.gate = nn.Sigmoid()

    def forward(self, x):
        return x * self.gate(self.layer(F.adaptive_avg_pool2d(x, 1)))


class ParNet(nn.Module):
    """The block of ParNet: SiLU(1×1 + 3×3 + skip-squeeze-and-excitation) of one normalised map. Goyal and others, 2021,
    arXiv:2110.07641."""

    kind = "ParNet"

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.excitation = SkipExcitation(channels)
        self.point = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.wide = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        x = F.relu(self.norm(x))
        return F.silu(self.point(x) + self.wide(x) + self.excitation(x))


class ContextualTransformer(nn.Module):
    """Contextual transformer: a static context from a convolution of the keys; it and the queries give the weights of the values, shares
    over the places. Li and others, 2021, arXiv:2107.12292."""

    kind = "CoT"

    def __init__(self, channels, kernel=3):
        super().__init__()
        self.key = nn.Sequential(
            nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=2, bias=False), nn.BatchNorm2d(channels), nn.ReLU())
        self.value = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.weights = nn.Sequential(
            nn.Conv2d(2 * channels, channels // 2, 1, bias=False), nn.BatchNorm2d(channels // 2), nn.ReLU(),
            nn.Conv2d(channels // 2, kernel * kernel * channels, 1))
        self.kernel = kernel
        self.map = nn.Identity()

    def forward(self, x):
        batch, channels, height, width = x.shape
        context = self.key(x)
        scores = self.weights(torch.cat([context, x], 1)).view(batch, channels, self.kernel ** 2, height, width).mean(2)
        shares = self.map(torch.softmax(scores.view(batch, channels, -1), -1))
        return context + (shares * self.value(x).view(batch, channels, -1)).view(batch, channels, height, width)


class PolarisedChannel(nn.Module):
    """Channel part of polarised self-attention: one query over the places, half the channels as values. Liu and others, 2021,
    arXiv:2107.00782."""

    def __init__(self, channels):
        super().__init__()
        self.value, self.query = nn.Conv2d(channels, channels // 2, 1), nn.Conv2d(channels, 1, 1)
        self.last, self.norm = nn.Conv2d(channels // 2, channels, 1), nn.LayerNorm(channels)
        self.gate = nn.Sigmoid()

    def forward(self, x):
        batch, channels, _, _ = x.shape
        shares = torch.softmax(self.query(x).view(batch, -1, 1), 1)
        pooled = (self.value(x).flatten(2) @ shares)[:, :, :, None]
        return x * self.gate(self.norm(self.last(pooled).view(batch, 1, channels)).view(batch, channels, 1, 1))


class PolarisedPlace(nn.Module):
    """Spatial part of polarised self-attention: the pooled query's shares of half the channels weigh the values' channels."""

    def __init__(self, channels):
        super().__init__()
        self.value, self.query = nn.Conv2d(channels, channels // 2, 1), nn.Conv2d(channels, channels // 2, 1)
        self.map = nn.Sigmoid()

    def forward(self, x):
        batch, _, height, width = x.shape
        shares = torch.softmax(F.adaptive_avg_pool2d(self.query(x), 1).flatten(1)[:, None], -1)
        return x * self.map((shares @ self.value(x).flatten(2)).view(batch, 1, height, width))


class Polarised(nn.Module):
    """Polarised self-attention, both parts beside each other or in a row."""

    kind = "polarised"

    def __init__(self, channels, in_row=False):
        super().__init__()
        self.channel, self.place, self.in_row = PolarisedChannel(channels), PolarisedPlace(channels), in_row

    def forward(self, x):
        return self.place(self.channel(x)) if self.in_row else self.channel(x) + self.place(x)


class AttentionGate(nn.Module):
    """The gate of Attention U-Net: a coarser signal tells which places of the skip connection pass. Oktay and others, 2018,
    arXiv:1804.03999."""

    kind = "attention-gate"

    def __init__(self, channels, signal, hidden=4, strided=False):
        super().__init__()
        self.strided = strided
        self.skip = nn.Conv2d(channels, hidden, 2 if strided else 1, stride=2 if strided else 1, bias=False)
        self.signal = nn.Conv2d(signal, hidden, 1)
        self.score = nn.Conv2d(hidden, 1, 1)
        self.map = nn.Identity()

    def forward(self, x, signal):
        signal = self.signal(signal)
        if self.strided:
            scores = torch.sigmoid(self.score(F.relu(self.skip(x) + signal)))
            return x * self.map(F.interpolate(scores, scale_factor=2, mode="bilinear"))
        signal = F.interpolate(signal, scale_factor=2)
        return x * self.map(torch.sigmoid(self.score(F.relu(self.skip(x) + signal))))


class Axial(nn.Module):
    """Axial attention over the rows of a map. Ho and others, 2019, arXiv:1912.12180."""

    kind = "axial-attention"

    def __init__(self, channels, heads=2):
        super().__init__()
        self.layer, self.last, self.heads = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels), heads
        self.map = nn.Softmax(-1)

    def forward(self, x):
        batch, channels, height, width = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(batch * height, width, channels)
        query, key, value = self.layer(rows).reshape(-1, width, 3, self.heads, channels // self.heads).permute(2, 0, 3, 1, 4)
        shares = self.map(query @ key.transpose(-2, -1) * (channels // self.heads) ** -0.5)
        rows = self.last((shares @ value).transpose(1, 2).reshape(batch * height, width, channels))
        return x + rows.reshape(batch, height, width, channels).permute(0, 3, 1, 2)


class Additive(nn.Module):
    """Additive attention: softmax(v · tanh(W·query + U·key)). Bahdanau and others, 2014, arXiv:1409.0473."""

    kind = "additive-attention"

    def __init__(self, width, hidden=8):
        super().__init__()
        self.query, self.key = nn.Linear(width, hidden), nn.Linear(width, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.map = nn.Softmax(-1)

    def forward(self, queries, keys):
        scores = self.score(torch.tanh(self.query(queries)[:, :, None] + self.key(keys)[:, None])).squeeze(-1)
        return self.map(scores) @ keys


class Deformable(nn.Module):
    """Deformable attention of one map: each query samples places that layers of it choose, by weights that a layer of it makes. Zhu and
    others, 2020, arXiv:2010.04159."""

    kind = "deformable-attention"

    def __init__(self, width, heads=2, points=3):
        super().__init__()
        self.heads, self.points = heads, points
        self.offsets, self.weights = nn.Linear(width, heads * points * 2), nn.Linear(width, heads * points)
        self.value, self.last = nn.Linear(width, width), nn.Linear(width, width)
        self.map = nn.Softmax(-1)

    def forward(self, x):
        batch, channels, height, width = x.shape
        tokens = x.flatten(2).transpose(1, 2)
        rows, columns = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
        places = torch.stack([columns, rows], -1).reshape(1, height * width, 1, 1, 2)
        shares = self.map(self.weights(tokens).reshape(batch, -1, self.heads, self.points))
        grid = places + self.offsets(tokens).reshape(batch, -1, self.heads, self.points, 2) / height
        values = self.value(tokens).reshape(batch, -1, self.heads, channels // self.heads)
        values = values.permute(0, 2, 3, 1).reshape(batch * self.heads, -1, height, width)
        grid = grid.transpose(1, 2).reshape(batch * self.heads, -1, self.points, 2)
        sampled = F.grid_sample(values, grid, align_corners=False)
        weights = shares.transpose(1, 2).reshape(batch * self.heads, 1, -1, self.points)
        found = (sampled * weights).sum(-1).reshape(batch, channels, -1).transpose(1, 2)
        return x + self.last(found).transpose(1, 2).reshape(x.shape)


class SampledKeys(nn.Module):
    """Deformable attention of a vision transformer: keys and values are layers of the map, sampled where a network of the queries says.
    Xia and others, 2022, arXiv:2201.00520."""

    kind = "deformable-attention"

    def __init__(self, channels, heads=2):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.last = (nn.Conv2d(channels, channels, 1) for _ in range(4))
        self.near = nn.Conv2d(channels, channels, 3, stride=2, padding=1, groups=channels)
        self.offset = nn.Conv2d(channels, 2, 1, bias=False)
        self.map = nn.Softmax(-1)

    def forward(self, x):
        batch, channels, height, width = x.shape
        queries = self.query(x)
        offsets = torch.tanh(self.offset(F.gelu(self.near(queries)))).permute(0, 2, 3, 1)
        rows, columns = torch.meshgrid(torch.linspace(-1, 1, height // 2), torch.linspace(-1, 1, width // 2), indexing="ij")
        sampled = F.grid_sample(x, torch.stack([columns, rows], -1) + offsets, align_corners=True)
        queries, keys, values = (
            part.reshape(batch, self.heads, channels // self.heads, -1) for part in (queries, self.key(sampled), self.value(sampled)))
        shares = self.map(queries.transpose(2, 3) @ keys * (channels // self.heads) ** -0.5)
        return self.last((values @ shares.transpose(2, 3)).reshape(x.shape))


class SpatialGate(nn.Module):
    """A convolution over the largest and the mean of the channels."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.norm = nn.BatchNorm2d(1)
        self.weights = nn.Sigmoid()

    def forward(self, x):
        return x * self.weights(self.norm(self.layer(torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1))))


class Triplet(nn.Module):
    """Triplet attention: spatial gates over the map and over the map turned to each side, and their mean. Misra and others, 2020,
    arXiv:2010.03045."""

    kind = "triplet"

    def __init__(self, channels):
        super().__init__()
        self.place, self.rows, self.columns = SpatialGate(), SpatialGate(), SpatialGate()

    def forward(self, x):
        place = self.place(x)
        rows = self.rows(x.transpose(1, 2)).transpose(1, 2)
        return (place + rows + self.columns(x.transpose(1, 3)).transpose(1, 3)) / 3


class Coordinate(nn.Module):
    """Coordinate attention as its paper writes it. Hou and others, 2021, arXiv:2103.02907."""

    kind = "coordinate"

    def __init__(self, channels, hidden=4):
        super().__init__()
        self.rows, self.columns = nn.AdaptiveAvgPool2d((None, 1)), nn.AdaptiveAvgPool2d((1, None))
        self.joint = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.BatchNorm2d(hidden), nn.Hardswish())
        self.of_rows, self.of_columns = nn.Conv2d(hidden, channels, 1), nn.Conv2d(hidden, channels, 1)

    def forward(self, x):
        height, width = x.shape[2:]
        both = self.joint(torch.cat([self.rows(x), self.columns(x).transpose(2, 3)], 2))
        rows, columns = both.split([height, width], 2)
        return x * torch.sigmoid(self.of_columns(columns.transpose(2, 3))) * torch.sigmoid(self.of_rows(rows))
