"""Transformers and networks like them, small or shallow, for tests of the attention that is found in them.

`NETWORKS` has a function by name that makes a module in eval mode and its inputs; weights are random.
"""
import torch


def picture(side=224):
    """One image."""
    return torch.zeros(1, 3, side, side)


def ids(length=16):
    """Tokens of one text."""
    return torch.arange(length)[None] % 90


class Picked(torch.nn.Module):
    """One tensor of what a model returns, for inputs with these names."""

    def __init__(self, model, key, names):
        super().__init__()
        self.model, self.key, self.names = model, key, names

    def forward(self, *inputs):
        found = self.model(**dict(zip(self.names, inputs)))
        return found[self.key] if isinstance(self.key, (int, str)) else found


def timm_network(source, side=224, **options):
    """A network of timm."""

    def make():
        import timm

        return timm.create_model(source, pretrained=False, **options).eval().requires_grad_(False), (picture(side),)

    return make


def text_network(kind, key="last_hidden_state", names=("input_ids", "attention_mask"), inputs=None, **options):
    """A network of transformers of a small configuration; by default for 16 tokens and their mask."""

    def make():
        import transformers

        config = getattr(transformers, f"{kind[0]}Config")(**options)
        config._attn_implementation = "eager"
        module = getattr(transformers, kind[1])(config).eval()
        drawn = inputs() if inputs else (ids(), torch.ones(1, 16, dtype=torch.int64))[:len(names)]
        return Picked(module, key, names).eval(), drawn

    return make


def ultralytics_network(source, side=320):
    """A detector of ultralytics without its last decoding."""

    def make():
        from ultralytics.nn.tasks import DetectionModel, RTDETRDetectionModel

        module = (RTDETRDetectionModel if "rtdetr" in source else DetectionModel)(f"{source}.yaml", verbose=False).eval()
        module.model[-1].export = True
        module.model[-1].format = "onnx"
        return module.fuse(verbose=False) if "rtdetr" not in source else module, (picture(side),)

    return make


class Cached(torch.nn.Module):
    """A GPT-2 that continues a text: keys and values of earlier tokens are inputs."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, tokens, mask, *states):
        from transformers import DynamicCache

        pairs = [(states[index], states[index + 1]) for index in range(0, len(states), 2)]
        return self.model(input_ids=tokens, attention_mask=mask, past_key_values=DynamicCache(pairs), use_cache=True).logits


def gpt2_cached():
    """Twelve tokens before, two more."""
    import transformers

    config = transformers.GPT2Config(n_embd=128, n_layer=2, n_head=4, vocab_size=100)
    states = [torch.zeros(1, 4, 12, 32) for _ in range(4)]
    return Cached(transformers.GPT2LMHeadModel(config)).eval(), (ids(2), torch.ones(1, 14, dtype=torch.int64), *states)


def sequences(name, width=64):
    """A text network's encoder and decoder tokens."""
    return lambda: (ids(16), ids(12))


SMALL = {"vocab_size": 100, "hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256}
VIT = {"depth": 2}
NETWORKS = {
    "cait_xxs24_224": timm_network("cait_xxs24_224", depth=3),
    "convit_tiny": timm_network("convit_tiny", depth=4, local_up_to_layer=3),
    "coat_lite_tiny": timm_network("coat_lite_tiny"),
    "efficientvit_b0": timm_network("efficientvit_b0"),
    "efficientvit_m0": timm_network("efficientvit_m0"),
    "efficientformerv2_s0": timm_network("efficientformerv2_s0"),
    "efficientformer_l1": timm_network("efficientformer_l1"),
    "xcit_nano_12_p16_224": timm_network("xcit_nano_12_p16_224", depth=2),
    "edgenext_xx_small": timm_network("edgenext_xx_small", side=256),
    "levit_128s": timm_network("levit_128s"),
    "pvt_v2_b0": timm_network("pvt_v2_b0"),
    "twins_svt_small": timm_network("twins_svt_small", depths=(2, 2, 2, 2)),
    "twins_pcpvt_small": timm_network("twins_pcpvt_small", depths=(1, 1, 1, 1)),
    "swin_tiny_patch4_window7_224": timm_network("swin_tiny_patch4_window7_224", depths=(2, 2, 2, 2)),
    "swinv2_tiny_window8_256": timm_network("swinv2_tiny_window8_256", side=256, depths=(2, 2, 2, 2)),
    "maxvit_nano_rw_256": timm_network("maxvit_nano_rw_256", side=256, depths=(1, 1, 1, 1)),
    "coatnet_nano_rw_224": timm_network("coatnet_nano_rw_224"),
    "mobilevit_xxs": timm_network("mobilevit_xxs", side=256),
    "mobilevitv2_050": timm_network("mobilevitv2_050", side=256),
    "beit_base_patch16_224": timm_network("beit_base_patch16_224", embed_dim=192, num_heads=3, **VIT),
    "eva02_tiny_patch14_224": timm_network("eva02_tiny_patch14_224", **VIT),
    "deit_tiny_distilled_patch16_224": timm_network("deit_tiny_distilled_patch16_224", **VIT),
    "pit_ti_224": timm_network("pit_ti_224"),
    "tnt_s_patch16_224": timm_network("tnt_s_patch16_224", **VIT),
    "visformer_tiny": timm_network("visformer_tiny"),
    "nest_tiny": timm_network("nest_tiny"),
    "gcvit_xxtiny": timm_network("gcvit_xxtiny"),
    "halonet26t": timm_network("halonet26t", side=256),
    "botnet26t_256": timm_network("botnet26t_256", side=256),
    "lambda_resnet26t": timm_network("lambda_resnet26t", side=256),
    "hiera_tiny_224": timm_network("hiera_tiny_224"),
    "davit_tiny": timm_network("davit_tiny", depths=(1, 1, 1, 1)),
    "fastvit_sa12": timm_network("fastvit_sa12", side=256),
    "tiny_vit_5m_224": timm_network("tiny_vit_5m_224"),
    "mvitv2_tiny": timm_network("mvitv2_tiny"),
    "crossvit_9_240": timm_network("crossvit_9_240", side=240, depth=((1, 1, 0), (1, 1, 0))),
    "vit_base_patch16_siglip_224": timm_network("vit_base_patch16_siglip_224", embed_dim=192, num_heads=3, **VIT),
    "vit_relpos_small_patch16_224": timm_network("vit_relpos_small_patch16_224", **VIT),
    "resnet50_clip": timm_network("resnet50_clip"),
    "samvit_base_patch16_224": timm_network("samvit_base_patch16_224", embed_dim=192, num_heads=3, **VIT),
    "mobilenetv4_hybrid_medium": timm_network("mobilenetv4_hybrid_medium"),
    "nextvit_small": timm_network("nextvit_small"),
    "caformer_s18": timm_network("caformer_s18"),
    "shvit_s1": timm_network("shvit_s1"),
    "volo_d1_224": timm_network("volo_d1_224"),
    "nonlocal-resnet26": timm_network("resnet26", block_args={"attn_layer": "nl"}),
    "poolformer_s12": timm_network("poolformer_s12"),
    "mixer_s32_224": timm_network("mixer_s32_224"),
    "gmlp_ti16_224": timm_network("gmlp_ti16_224"),
    "convformer_s18": timm_network("convformer_s18"),
    "starnet_s1": timm_network("starnet_s1"),
    "repvit_m0_9": timm_network("repvit_m0_9"),
    "swiftformer_xs": timm_network("swiftformer_xs"),
    "focalnet_tiny_srf": timm_network("focalnet_tiny_srf", depths=(1, 1, 1, 1)),
    "bert": text_network(("Bert", "BertModel"), **SMALL),
    "roberta": text_network(("Roberta", "RobertaModel"), **SMALL),
    "distilbert": text_network(("DistilBert", "DistilBertModel"), vocab_size=100, dim=128, n_layers=2, n_heads=4, hidden_dim=256),
    "gpt2": text_network(("GPT2", "GPT2LMHeadModel"), "logits", n_embd=128, n_layer=2, n_head=4, vocab_size=100),
    "gpt2-cache": gpt2_cached,
    "opt": text_network(
        ("OPT", "OPTModel"), vocab_size=100, hidden_size=128, num_hidden_layers=2, num_attention_heads=4, ffn_dim=256, word_embed_proj_dim=128),
    "bloom": text_network(("Bloom", "BloomModel"), vocab_size=100, hidden_size=128, n_layer=2, n_head=4),
    "llama": text_network(("Llama", "LlamaModel"), num_key_value_heads=2, **SMALL),
    "qwen2": text_network(("Qwen2", "Qwen2Model"), num_key_value_heads=1, **SMALL),
    "gemma2": text_network(("Gemma2", "Gemma2Model"), num_key_value_heads=2, head_dim=32, **SMALL),
    "falcon": text_network(("Falcon", "FalconModel"), vocab_size=100, hidden_size=128, num_hidden_layers=2, num_attention_heads=4),
    "t5": text_network(
        ("T5", "T5Model"), names=("input_ids", "decoder_input_ids"), inputs=sequences("t5"), vocab_size=100, d_model=128, d_kv=32,
        num_layers=2, num_heads=4, d_ff=256),
    "bart": text_network(
        ("Bart", "BartModel"), names=("input_ids", "decoder_input_ids"), inputs=sequences("bart"), vocab_size=100, d_model=128,
        encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=256, decoder_ffn_dim=256),
    "whisper": text_network(
        ("Whisper", "WhisperModel"), names=("input_features", "decoder_input_ids"), inputs=lambda: (torch.zeros(1, 80, 100), ids(8)),
        vocab_size=100, d_model=128, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=256, decoder_ffn_dim=256, max_source_positions=50, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1),
    "clip": text_network(
        ("CLIPVision", "CLIPVisionModel"), names=("pixel_values",), inputs=lambda: (picture(),), hidden_size=128, num_hidden_layers=2,
        num_attention_heads=4, intermediate_size=256),
    "segformer": text_network(
        ("Segformer", "SegformerModel"), names=("pixel_values",), inputs=lambda: (picture(),), depths=[1, 1, 1, 1]),
    "wav2vec2": text_network(
        ("Wav2Vec2", "Wav2Vec2Model"), names=("input_values",), inputs=lambda: (torch.zeros(1, 8000),), hidden_size=128,
        num_hidden_layers=2, num_attention_heads=4, intermediate_size=256, conv_dim=(32,) * 7, num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4),
    "deberta": text_network(("DebertaV2", "DebertaV2Model"), relative_attention=True, pos_att_type=["c2p", "p2c"], position_buckets=8, **SMALL),
    "mpnet": text_network(("MPNet", "MPNetModel"), **SMALL),
    "yolo11n": ultralytics_network("yolo11n"),
    "yolo12n": ultralytics_network("yolo12n"),
    "rtdetr-l": ultralytics_network("rtdetr-l"),
    "yolov8n": ultralytics_network("yolov8n"),
}


def whole(resolution, window):
    """Whether one window holds all of a map."""
    return tuple(resolution) == tuple(window)


def pooled(ratio):
    """Attention with keys of fewer places, unless the ratio is 1."""
    return "pooled-key-attention" if ratio > 1 else "self-attention"


def swin(module, around):
    """Windows, shifted or not; one window over all is plain attention."""
    block = around[-1]
    if whole(block.input_resolution, block.window_size):
        return {"kind": "self-attention"}
    shifted = any(block.shift_size)
    return {"kind": "shifted-window-attention" if shifted else "window-attention", "mask": "additive" if shifted else "none"}


def maxvit(module, around):
    """Windows or a grid; the last maps are one window."""
    block = around[-1]
    if module.rel_pos.window_size == (8, 8) and module.num_heads == 16:
        return {"kind": "self-attention"}
    return {"kind": "window-attention" if block.partition_block else "grid-attention"}


def tiny_vit(module, around):
    """Windows of 7, 14 and 7 places on maps of 28, 14 and 7, in stages of 4, 5 and 10 heads."""
    return {"kind": "window-attention" if module.num_heads == 4 else "self-attention"}


def t5(module, around):
    """The bias of the first layer serves all of them."""
    if "CrossAttention" in type(around[-1]).__name__:
        return {"kind": "cross-attention", "bias": "relative"}  # zeros for each head
    return {"bias": "relative", "mask": "additive" if module.is_decoder else "none", "causal": module.is_decoder}


def decoder(module, around):
    """Attention of an encoder, or of a decoder over itself or the encoder."""
    layer = around[-1]
    if getattr(layer, "encoder_attn", None) is module:
        return {"kind": "cross-attention"}
    causal = "Decoder" in type(layer).__name__
    return {"mask": "additive" if causal else "none", "causal": causal}


CAUSAL = {"mask": "additive", "causal": True}
MASKED = {"mask": "additive"}
RELATIVE = {"bias": "relative"}
# By file and class: what is known of a module's attention besides self-attention of `num_heads` heads without mask and bias.
CLASSES = {
    "attention.Attention": {},
    "fastvit.Attention": {}, "pit.Attention": {}, "visformer.Attention": {}, "crossvit.Attention": {}, "eva.EvaAttention": {},
    "tnt.Attention": {}, "convit.MHSA": {}, "metaformer.Attention": {}, "volo.Attention": {},
    "crossvit.CrossAttention": {"kind": "class-attention"},
    "beit.Attention": RELATIVE,
    "vision_transformer_relpos.RelPosAttention": RELATIVE,
    "vision_transformer_sam.Attention": lambda m, a: {"bias": "query" if m.use_rel_pos else "none"},
    "cait.TalkingHeadAttn": {"kind": "talking-heads-attention"},
    "cait.ClassAttn": {"kind": "class-attention"},
    "volo.ClassAttention": {"kind": "class-attention"},
    "convit.GPSA": {"kind": "gated-positional-attention"},
    "coat.FactorAttnConvRelPosEnc": {"kind": "factorised-attention"},
    "lambda_layer.LambdaLayer": {"kind": "factorised-attention"},
    "efficientvit_mit.LiteMLA": lambda m, a: {
        "kind": "linear-attention", "heads": m.qkv.conv.out_channels // (3 * m.dim) * (1 + len(m.aggreg))},
    "efficientvit_msra.CascadedGroupAttention": lambda m, a: {
        "kind": "window-attention" if a[-1].resolution > a[-1].window_resolution else "self-attention", "bias": "relative", "heads": 1,
        "count": m.num_heads},
    "efficientformer.Attention": RELATIVE,
    "efficientformer_v2.Attention2d": {"kind": "talking-heads-attention", **RELATIVE},
    "efficientformer_v2.Attention2dDownsample": RELATIVE,
    "xcit.XCA": {"kind": "cross-covariance-attention"},
    "edgenext.CrossCovarianceAttn": {"kind": "cross-covariance-attention"},
    "davit.ChannelAttention": {"kind": "cross-covariance-attention"},
    "levit.Attention": RELATIVE,
    "levit.AttentionDownsample": RELATIVE,
    "pvt_v2.Attention": lambda m, a: {"kind": pooled(2 if m.sr is not None else 1)},
    "twins.LocallyGroupedAttn": lambda m, a: {"kind": "self-attention" if m.num_heads == 16 else "window-attention"},
    "twins.GlobalSubSampleAttn": lambda m, a: {"kind": pooled(m.sr_ratio)},
    "nextvit.EfficientAttention": lambda m, a: {"kind": pooled(m.sr_ratio)},
    "attention2d.MultiQueryAttention2d": lambda m, a: {"kind": pooled(m.kv_stride)},
    "swin_transformer.WindowAttention": lambda m, a: {**RELATIVE, **swin(m, a)},
    "swin_transformer_v2.WindowAttention": lambda m, a: {**RELATIVE, **swin(m, a)},
    "tiny_vit.Attention": lambda m, a: {**RELATIVE, **tiny_vit(m, a)},
    "nest.Attention": {"kind": "window-attention"},
    "maxxvit.Attention2d": RELATIVE,
    "maxxvit.AttentionCl": lambda m, a: {**RELATIVE, **maxvit(m, a)},
    "bottleneck_attn.BottleneckAttn": {"bias": "query"},
    "halo_attn.HaloAttn": lambda m, a: {  # one block holds the last map
        "kind": "self-attention" if m.dim_out_v == 512 and m.block_stride == 1 else "neighbourhood-attention", "bias": "query"},
    "non_local_attn.NonLocalAttn": {"kind": "non-local", "heads": 1},
    "shvit.SHSA": {"heads": 1},
    "attention_pool.AttentionPoolLatent": {"kind": "attention-pooling"},
    "modeling_bert.BertSelfAttention": MASKED,
    "modeling_roberta.RobertaSelfAttention": MASKED,
    "modeling_distilbert.DistilBertSelfAttention": MASKED,
    "modeling_mpnet.MPNetSelfAttention": {**MASKED, **RELATIVE},
    "modeling_deberta_v2.DisentangledSelfAttention": {"mask": "boolean", "bias": "query"},
    "modeling_gpt2.GPT2Attention": CAUSAL,
    "modeling_opt.OPTAttention": CAUSAL,
    "modeling_bloom.BloomAttention": {**CAUSAL, "bias": "alibi"},
    "modeling_llama.LlamaAttention": CAUSAL,
    "modeling_qwen2.Qwen2Attention": CAUSAL,
    "modeling_gemma2.Gemma2Attention": CAUSAL,
    "modeling_falcon.FalconAttention": CAUSAL,
    "modeling_t5.T5Attention": t5,
    "modeling_bart.BartAttention": decoder,
    "modeling_whisper.WhisperAttention": decoder,
    "modeling_clip.CLIPAttention": {},
    "modeling_wav2vec2.Wav2Vec2Attention": {},
    "davit.WindowAttention": lambda m, a: {"kind": "self-attention" if m.num_heads == 24 else "window-attention"},
    "modeling_segformer.SegformerAttention": lambda m, a: {"kind": pooled(m.sequence_reduction_ratio)},
    "block.Attention": {},
    "transformer.MSDeformAttn": {"kind": "deformable-attention"},
    "block.AAttn": lambda m, a: {"kind": "window-attention" if m.area > 1 else "self-attention"},
    "activation.MultiheadAttention": {},
}


def heads(module):
    """Of a module, or of its configuration."""
    for name in ("num_heads", "n_heads", "num_attention_heads"):
        if isinstance(getattr(module, name, None), int):
            return getattr(module, name)
    return module.config.num_attention_heads


def expected(model, name):
    """What the modules of a network say of its attention: a block for each, in the form of attention.json."""
    modules = dict(model.named_modules())
    blocks = []
    for path, module in modules.items():
        rule = CLASSES.get(f"{type(module).__module__.split('.')[-1]}.{type(module).__name__}")
        if rule is None:
            continue
        parts = path.split(".")
        around = [modules[".".join(parts[:index])] for index in range(len(parts))]
        facts = rule(module, around) if callable(rule) else dict(rule)
        if name.startswith("mobilevit_"):
            facts["kind"] = "grid-attention"
        if path == "model.11.ma":  # so the exporter names what stands in a slice of the network
            path = "model.slice(None, -1, None).11.ma"
        block = {"module": path, "kind": "self-attention", "heads": None, "mask": "none", "causal": False, "bias": "none", **facts}
        if block["heads"] is None:
            block["heads"] = heads(module)
        blocks += [block] * block.pop("count", 1)
    return blocks
