"""Gates and maps beside those that hooks read inside PyTorch's modules (tools/export_gates.py)."""

import html.parser

import numpy as np
import onyx
import pytest
from conftest import ROOT, attention_rows

STORED = [row for row in attention_rows(ROOT / "models") if (row[1].parents[1] / "gates.npz").exists()]


@pytest.mark.parametrize("name, path, feed", STORED, ids=[row[0] for row in STORED])
def test_gates_and_maps_are_pytorchs(name, path, feed):
    blocks = onyx.InferenceSession(str(path)).attention(feed)
    found = {"gate": [gate for block in blocks for gate in block.gates], "map": [weights for block in blocks for weights in block.maps]}
    compared = 0
    with np.load(path.parents[1] / "gates.npz") as stored:
        for key in stored.files:
            kind = key.rpartition("/")[2].rstrip("0123456789")
            expected = stored[key]
            same = [value for value in found[kind] if value.size == expected.size]
            assert same, f"{key} {expected.shape} is not among {[value.shape for value in found[kind]]}"
            # Onyx keeps axes of one element that PyTorch's modules drop, and averages no heads.
            np.testing.assert_allclose(
                min((value.reshape(expected.shape) for value in same), key=lambda v: np.abs(v - expected).max()),
                expected,
                rtol=1e-4,
                atol=1e-5,
                err_msg=key,
            )
            compared += 1
    assert compared


def test_blocks_by_number_and_name(digits, image):
    session = onyx.InferenceSession(digits)
    blocks = session.attention({"image": image})
    assert [block.kind for block in blocks] == ["CBAM", "SE", "ECA"]
    first = blocks["stage1.attention"]
    assert first is blocks[0] and first.gate.shape[:2] == (2, 16) and first.map.shape == (2, 1, 28, 28) and first.facts["channels"] == 16
    assert blocks[1].map is None and "SE stage2.attention: gate [2, 32" in repr(blocks[1])
    np.testing.assert_array_equal(first.gate, session.run(["logits"], {"image": image}, fetch=first.facts["gates"])[1])
    with pytest.raises(KeyError, match="stage1.attention"):
        blocks["stage9"]
    with pytest.raises(onyx.InvalidArgument):
        session.attention({"image": image[0]})


def test_a_model_without_attention_has_none():
    from conftest import identity

    blocks = onyx.InferenceSession(identity(shape=[2])).attention({"x": np.zeros(2, np.float32)})
    assert list(blocks) == [] and "no attention blocks" in blocks.html()


def test_the_page_holds_all_blocks_and_loads_nothing(digits, image, tmp_path):
    blocks = onyx.InferenceSession(digits).attention({"image": image})
    blocks.save(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text("utf-8")

    class Reader(html.parser.HTMLParser):
        open_tags, titles, pictures, bars = [], [], 0, 0

        def handle_starttag(self, tag, attributes):
            given = dict(attributes)
            if tag not in ("meta", "img"):
                self.open_tags.append(tag)
            if tag == "img":
                Reader.pictures += 1
                assert given["src"].startswith("data:image/png;base64,")
            Reader.bars += tag == "rect"
            assert tag not in ("script", "link")

        def handle_endtag(self, tag):
            assert self.open_tags.pop() == tag

        def handle_data(self, data):
            if self.open_tags and self.open_tags[-1] == "h3":
                self.titles.append(data.strip())

    reader = Reader()
    reader.feed(text)
    assert reader.titles == [block.name for block in blocks] and reader.open_tags == []
    assert reader.pictures == 2 and reader.bars == 16 + 32 + 48
    assert blocks._repr_html_() in text and "stage1" in blocks[0]._repr_html_()


def test_maps_are_drawn_as_they_are(digits):
    """The picture of a map, read by Pillow: the smallest weight is dark, the largest bright."""
    import base64
    import io

    from PIL import Image

    from onyx import _html

    plane = np.linspace(0, 1, 12).reshape(3, 4)
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(_html._picture(plane).partition(",")[2]))).convert("RGB"))
    assert picture.shape == (3, 4, 3) and picture[0, 0].tolist() == [68, 1, 84] and picture[2, 3].tolist() == [253, 231, 37]
    brightness = picture.astype(float).sum(axis=2).reshape(-1)
    assert (np.diff(brightness) > 0).all()
