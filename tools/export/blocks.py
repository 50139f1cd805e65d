"""The attention systems of the model catalogue, written as PyTorch users write them."""
import math

import torch
import torch.nn as nn


def eca_kernel(channels, gamma=2, b=1):
    """The ECA kernel size: the nearest odd number at or above |(log2 C + b) / gamma|, cut to an integer."""
    k = int(abs((math.log2(channels) + b) / gamma))
    return k if k % 2 else k + 1


class SEBlock(nn.Module):
    """Squeeze and excitation without biases; `pool` is "avg" or "max"."""

    def __init__(self, channels, reduction, pool="avg"):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1) if pool == "avg" else nn.AdaptiveMaxPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        v = self.pool(x).view(b, c)
        v = self.fc(v).view(b, c, 1, 1)
        return x * v


class SEExpand(nn.Module):
    """Squeeze and excitation with at least one hidden unit, its gate expanded to the input's shape."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, hidden, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.fc(self.avg_pool(x).view(b, c)).view(b, c, 1, 1)
        return x * y.expand_as(x)


class ChannelSE(nn.Module):
    """cSE: squeeze over space, excite the channels; both layers have a bias."""

    def __init__(self, channels, reduction=2):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(channels // reduction, channels)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        b, c, _, _ = x.size()
        z = self.avgpool(x).view(b, c)
        z = self.sigmoid(self.fc2(self.relu(self.fc1(z))))
        return x * z.view(b, c, 1, 1).expand_as(x)


class SpatialSE(nn.Module):
    """sSE: squeeze over the channels by a 1x1 convolution, excite the places."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, 1, kernel_size=1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        z = self.sigmoid(self.conv(x))
        return x * z.expand_as(x)


class SCSE(nn.Module):
    """Concurrent spatial and channel squeeze and excitation."""

    def __init__(self, channels, reduction=2):
        super().__init__()
        self.cse = ChannelSE(channels, reduction)
        self.sse = SpatialSE(channels)

    def forward(self, x):
        return self.cse(x) + self.sse(x)


class ECATranspose(nn.Module):
    """Efficient channel attention; the channels become a sequence by squeeze and transpose."""

    def __init__(self, channels):
        super().__init__()
        k = eca_kernel(channels)
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel_size=k, padding=(k - 1) // 2, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        v = self.avg_pool(x)
        v = self.conv(v.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return x * self.sigmoid(v)


class ECAView(nn.Module):
    """Efficient channel attention; the channels become a sequence by `view`."""

    def __init__(self, channels):
        super().__init__()
        k = eca_kernel(channels)
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel_size=k, padding=(k - 1) // 2, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        b, c, _, _ = x.size()
        out = self.avg_pool(x).view([b, 1, c])
        out = self.sigmoid(self.conv(out)).view([b, c, 1, 1])
        return out * x


class ChannelAttentionFC(nn.Module):
    """CBAM channel attention: one MLP for the average and for the maximum."""

    def __init__(self, channels, reduction):
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.max_pool = nn.AdaptiveMaxPool2d(1)
        self.mlp = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels, bias=False),
        )
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        b, c, _, _ = x.size()
        avg = self.mlp(self.avg_pool(x).view(b, c))
        top = self.mlp(self.max_pool(x).view(b, c))
        v = self.sigmoid(avg + top).view(b, c, 1, 1)
        return x * v


class ChannelAttentionConv(nn.Module):
    """CBAM channel attention: one Conv1d, as in ECA, for the average and for the maximum."""

    def __init__(self, channels):
        super().__init__()
        k = eca_kernel(channels)
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.max_pool = nn.AdaptiveMaxPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel_size=k, padding=(k - 1) // 2, bias=False)
        self.sigmoid = nn.Sigmoid()

    def _along_channels(self, v):
        return self.conv(v.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)

    def forward(self, x):
        v = self._along_channels(self.avg_pool(x)) + self._along_channels(self.max_pool(x))
        return x * self.sigmoid(v)


class SpatialAttention(nn.Module):
    """CBAM spatial attention; `order` says whether the maximum or the mean is the first map."""

    def __init__(self, k, order="max-mean"):
        super().__init__()
        self.order = order
        self.conv = nn.Conv2d(2, 1, kernel_size=k, padding=(k - 1) // 2, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        top, _ = torch.max(x, dim=1, keepdim=True)
        mean = torch.mean(x, dim=1, keepdim=True)
        maps = [top, mean] if self.order == "max-mean" else [mean, top]
        return x * self.sigmoid(self.conv(torch.cat(maps, dim=1)))


class CBAM(nn.Module):
    """Channel attention, then spatial attention."""

    def __init__(self, channel_attention, spatial_attention):
        super().__init__()
        self.channel_attention = channel_attention
        self.spatial_attention = spatial_attention

    def forward(self, x):
        return self.spatial_attention(self.channel_attention(x))


class GAPHead(nn.Module):
    """Classification by global average pooling: one map per class, averaged, softmax."""

    def __init__(self, channels, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(channels, classes, kernel_size=1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.gap(self.conv(x)).flatten(1))


class SelectiveKernel(nn.Module):
    """Branch attention: a softmax over branches with several kernel sizes weighs their sum."""

    def __init__(self, channels, kernels=(1, 3, 5, 7), reduction=16, groups=8, least=32):
        super().__init__()
        hidden = max(least, channels // reduction)
        self.convs = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, channels, k, padding=k // 2, groups=groups, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            )
            for k in kernels
        )
        self.fc = nn.Linear(channels, hidden)
        self.fcs = nn.ModuleList(nn.Linear(hidden, channels) for _ in kernels)
        self.softmax = nn.Softmax(dim=0)

    def forward(self, x):
        b, c, _, _ = x.size()
        branches = [conv(x) for conv in self.convs]
        z = self.fc(sum(branches).mean(-1).mean(-1))
        weights = torch.stack([fc(z).view(b, c, 1, 1) for fc in self.fcs], 0)
        return (self.softmax(weights) * torch.stack(branches, 0)).sum(0)


class SelfAttention(nn.Module):
    """softmax(Q K^T / sqrt d) V with the three from one source."""

    def __init__(self, dim):
        super().__init__()
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.scale = dim**-0.5

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = torch.softmax(q @ k.transpose(-2, -1) * self.scale, dim=-1)
        return scores @ v


class CrossAttention(nn.Module):
    """Attention whose keys and values come from another source than its queries."""

    def __init__(self, dim):
        super().__init__()
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)

    def forward(self, x, context):
        q, k, v = self.query(x), self.key(context), self.value(context)
        scores = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.size(-1))
        return torch.bmm(torch.softmax(scores, dim=-1), v)


class NonLocal(nn.Module):
    """Non-local block: attention between all places of a map, with a residual."""

    def __init__(self, channels):
        super().__init__()
        self.inner = channels // 2
        self.theta = nn.Conv2d(channels, self.inner, 1)
        self.phi = nn.Conv2d(channels, self.inner, 1)
        self.g = nn.Conv2d(channels, self.inner, 1)
        self.out = nn.Conv2d(self.inner, channels, 1)

    def forward(self, x):
        b, _, h, w = x.size()
        theta = self.theta(x).view(b, self.inner, -1).permute(0, 2, 1)
        phi = self.phi(x).view(b, self.inner, -1)
        g = self.g(x).view(b, self.inner, -1).permute(0, 2, 1)
        y = torch.matmul(torch.softmax(torch.matmul(theta, phi), dim=-1), g)
        y = y.permute(0, 2, 1).contiguous().view(b, self.inner, h, w)
        return self.out(y) + x
