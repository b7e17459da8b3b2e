"""What the replica's pages are shown with: each address of a picture has one of its own."""

from __future__ import annotations

import re
import zlib

import pytest

from observer_crawler.replica import Options, Replica
from observer_crawler.replica.assets import ICON, SCRIPT, STYLE
from observer_crawler.replica.skins import SKINS

PICTURES = [f"/2025/06/0{day}/ob_174923538{number}.jpg" for day in (1, 2) for number in range(5)]


@pytest.fixture(scope="module")
def site() -> Replica:
    return Replica(Options(articles=60, plain=True))


def test_each_picture_is_a_jpeg_of_its_own(site: Replica) -> None:
    pages = [site.render(path) for path in PICTURES]
    bodies = [page.body for page in pages]
    assert {page.headers["Content-Type"] for page in pages} == {"image/jpeg"}
    assert all(body.startswith(b"\xff\xd8\xff\xe0\0\x10JFIF") for body in bodies)
    assert all(body.endswith(b"\xff\xd9") and len(body) < 2_500 for body in bodies)
    assert len(set(bodies)) == len(PICTURES)


def test_a_picture_is_the_same_at_each_visit(site: Replica) -> None:
    other = Replica(Options(articles=60, plain=True))
    assert other.get(PICTURES[0]).body == site.get(PICTURES[0]).body == site.get(PICTURES[0]).body


def test_no_byte_of_a_scan_reads_as_a_marker(site: Replica) -> None:
    for path in PICTURES:
        scan = site.render(path).body.partition(b"\xff\xda")[2].removesuffix(b"\xff\xd9")
        assert set(re.findall(b"\xff(.)", scan, re.DOTALL)) <= {b"\0"}, path


def test_the_icon_is_a_whole_png(site: Replica) -> None:
    page = site.render(ICON)
    data = page.body[page.body.index(b"IDAT") + 4 : page.body.index(b"IEND") - 8]
    assert page.headers["Content-Type"] == "image/png"
    assert len(zlib.decompress(data)) == 16 * (1 + 3 * 16)


@pytest.mark.parametrize(("markup", "skin"), list(SKINS))
def test_every_page_names_its_style_sheet_icon_and_script(markup: str, skin: int) -> None:
    site = Replica(Options(articles=20, markup=markup, skin=skin))
    text = site.render("/").body.decode("utf-8", "replace")
    for path, kind in (
        (STYLE, "text/css"),
        (ICON, "image/png"),
        (SCRIPT, "application/javascript"),
    ):
        assert path in text
        assert site.render(path).headers["Content-Type"] == kind
