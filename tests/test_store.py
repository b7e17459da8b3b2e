"""The segments on a real disk: whole lines, recovery, one writer, one origin."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from observer_crawler.exceptions import SegmentLocked, StoreError, WrongOrigin
from observer_crawler.items import Article, from_record
from observer_crawler.store import MAX_OPEN_FILES, Place, Segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORIGIN = "http://127.0.0.1:8000"


def an_article(number: int = 1, date: str | None = "2022-06-16", **more: object) -> Article:
    """Build a small article of our own."""
    return from_record(
        {
            "id": f"b:{number}",
            "url": f"http://127.0.0.1:8000/news/{number}",
            "headline": "A headline",
            "body": ["One paragraph."],
            "published_date": date,
            "source_url": f"http://127.0.0.1:8000/news.php?id={number}",
            **more,
        }
    )


def stored(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def segments(data: Path) -> Iterator[Segments]:
    segments = Segments(data, ORIGIN)
    segments.open()
    yield segments
    segments.close()


@pytest.fixture
def segment(data: Path) -> Path:
    """A segment of two whole lines, closed."""
    with_two = Segments(data, ORIGIN)
    with_two.open()
    with_two.append(an_article(1))
    with_two.append(an_article(2))
    with_two.close()
    return data / "articles/2022/2022-06.0.jsonl"


def ids(segments: Segments) -> list[str]:
    """The ids of all lines of all segments."""
    return [record["id"] for file in segments.sizes() for _, record, _ in segments.lines(file)]


def reopened(data: Path) -> Segments:
    """Open a folder and close it again."""
    segments = Segments(data, ORIGIN)
    segments.open()
    segments.close()
    return segments


def test_a_line_goes_into_the_segment_of_its_month(segments: Segments, data: Path) -> None:
    file = "articles/2022/2022-06.0.jsonl"
    first = segments.append(an_article(1))
    line = (data / file).read_bytes()
    assert first == Place(file, 0, len(line))
    assert json.loads(line)["id"] == "b:1"
    second = segments.append(an_article(2))
    assert second == Place(file, len(line), (data / file).stat().st_size - len(line))


def test_an_article_without_a_date_goes_into_undated(segments: Segments) -> None:
    assert segments.append(an_article(date=None)).file == "articles/undated/undated.0.jsonl"


def test_a_date_that_is_none_leads_no_line_out_of_the_folder(segments: Segments) -> None:
    place = segments.append(an_article(date="../../../2022-06-16"))
    assert place.file == "articles/undated/undated.0.jsonl"


def test_a_line_reads_back_as_the_article_it_was(segments: Segments, data: Path) -> None:
    article = an_article(body=["line\nbreak", "\u2028 and \u2029", "\x85 \x00", "বাংলা ‘quoted’"])
    place = segments.append(article)
    line = (data / place.file).read_bytes()
    assert line.count(b"\n") == 1
    assert from_record(json.loads(line)) == article


def test_half_a_surrogate_pair_becomes_the_replacement_character(
    segments: Segments, data: Path
) -> None:
    place = segments.append(an_article(body=["broken \udc80 \ud83d\ude00"]))
    assert json.loads((data / place.file).read_bytes())["body"] == ["broken \ufffd \U0001f600"]


def test_lines_are_read_back_with_their_place_and_size(segments: Segments, data: Path) -> None:
    places = [segments.append(an_article(number)) for number in (1, 2, 3)]
    file = places[0].file
    whole = (data / file).read_bytes()
    found = list(segments.lines(file))
    assert [Place(file, offset, size) for offset, _, size in found] == places
    assert [json.loads(whole[at : at + size]) for at, _, size in found] == [r for _, r, _ in found]
    assert segments.sizes() == {file: len(whole)}


def test_lines_can_be_read_from_a_byte_on(segments: Segments) -> None:
    first, second = segments.append(an_article(1)), segments.append(an_article(2))
    found = list(segments.lines(first.file, second.offset))
    assert [(offset, record["id"]) for offset, record, _ in found] == [(second.offset, "b:2")]
    assert list(segments.lines(first.file, second.offset + second.size)) == []


def test_every_segment_has_its_size(segments: Segments) -> None:
    places = [segments.append(an_article(1)), segments.append(an_article(2, date=None))]
    assert segments.sizes() == {place.file: place.size for place in places}


def test_lines_of_another_writer_are_read_too(segment: Path, data: Path) -> None:
    segment.rename(segment.with_name("2022-06.other.jsonl"))
    assert ids(reopened(data)) == ["b:1", "b:2"]


def test_a_second_open_appends(segment: Path, data: Path) -> None:
    before = segment.read_bytes()
    again = Segments(data, ORIGIN)
    again.open()
    assert again.append(an_article(3)).offset == len(before)
    again.close()
    assert segment.read_bytes().startswith(before)
    assert segment.read_bytes().count(b"\n") == 3


def test_few_files_stay_open_and_no_line_is_lost(segments: Segments, data: Path) -> None:
    for number in range(1, 4 * MAX_OPEN_FILES):
        month = number % (2 * MAX_OPEN_FILES)
        segments.append(an_article(number, f"{2015 + month // 12}-{1 + month % 12:02}-01"))
        assert len(segments._open_files) <= MAX_OPEN_FILES  # noqa: SLF001 (what is promised)
    segments.close()
    assert len(set(ids(reopened(data)))) == 4 * MAX_OPEN_FILES - 1


def test_folders_are_closed_to_others(segment: Path, data: Path) -> None:
    for folder in (data, data / "state", data / "articles", segment.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_an_existing_folder_is_closed_to_others_when_it_is_claimed(data: Path) -> None:
    data.mkdir(mode=0o755)
    reopened(data)
    assert data.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("cut", [1, 2, 60, 200_000])
def test_a_torn_last_line_is_moved_aside_and_named(
    segment: Path, data: Path, caplog: pytest.LogCaptureFixture, cut: int
) -> None:
    whole = segment.read_bytes()
    torn = (b'{"id":"b:3","body":["' + b"x" * 250_000)[:cut]
    segment.write_bytes(whole + torn)
    assert ids(reopened(data)) == ["b:1", "b:2"]
    assert segment.read_bytes() == whole
    moved = data / f"state/torn/2022-06.0.{len(whole)}.0"
    assert moved.read_bytes() == torn
    assert str(segment) in caplog.text
    assert str(moved) in caplog.text


def test_a_segment_of_one_torn_line_is_left_empty(segment: Path, data: Path) -> None:
    segment.write_bytes(b'{"id":"b:1"')
    assert ids(reopened(data)) == []
    assert segment.read_bytes() == b""


def test_a_second_torn_line_at_the_same_place_overwrites_nothing(
    segment: Path, data: Path
) -> None:
    whole = segment.read_bytes()
    for tail in (b"first", b"second"):
        segment.write_bytes(whole + tail)
        reopened(data)
    assert sorted(path.read_bytes() for path in (data / "state/torn").iterdir()) == [
        b"first",
        b"second",
    ]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"no json",
        b"[1]",
        b"null",
        b'{"id":7}',
        b'{"id":"c:1"}',
        b'{"id":"b:1\\n"}',
        b'{"headline":"no id"}',
        b'{"id":"b:9","body":["torn {"id":"b:10","body":[]}',
        b"\x00" * 40,
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_bad_line_is_named_and_passed_over(
    segment: Path, data: Path, caplog: pytest.LogCaptureFixture, bad: bytes
) -> None:
    first, second, _ = segment.read_bytes().split(b"\n")
    text = b"\n".join((first, bad, second, b""))
    segment.write_bytes(text)
    file = segment.relative_to(data).as_posix()
    found = [(offset, record["id"]) for offset, record, _ in reopened(data).lines(file)]
    assert found == [(0, "b:1"), (len(first) + len(bad) + 2, "b:2")]
    assert f"{segment}, byte {len(first) + 1}: not an article" in caplog.text
    assert segment.read_bytes() == text


def test_a_line_of_a_newer_version_is_known(segment: Path, data: Path) -> None:
    with segment.open("ab") as file:
        file.write(b'{"new_field": 1, "id": "bn:7", "more": {"id": "b:8"}}\n')
    assert ids(reopened(data))[-1] == "bn:7"


def test_a_second_writer_is_refused_in_one_line(segments: Segments, data: Path) -> None:
    before = stored(data)
    with pytest.raises(SegmentLocked, match=rf"another crawl \(process {os.getpid()}\)") as error:
        Segments(data, ORIGIN).open()
    assert "\n" not in str(error.value)
    assert "-s OBSERVER_DATA=DIR" in str(error.value)
    assert stored(data) == before
    assert segments.append(an_article(1)).offset == 0


def test_a_closed_folder_can_be_opened_again(segments: Segments, data: Path) -> None:
    segments.close()
    segments.close()
    reopened(data)


def test_a_killed_writer_leaves_no_lock(data: Path) -> None:
    code = f"""
        import os, signal
        from pathlib import Path
        from observer_crawler.store import Segments
        segments = Segments(Path({str(data)!r}), {ORIGIN!r})
        segments.open()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert run.returncode == -9
    reopened(data)


def test_another_origin_is_refused_and_no_byte_changes(segment: Path, data: Path) -> None:
    segment.write_bytes(segment.read_bytes() + b'{"id":"b:3","torn')
    before = stored(data)
    with pytest.raises(WrongOrigin) as error:
        Segments(data, "http://127.0.0.1:9000").open()
    text = str(error.value)
    assert "\n" not in text
    assert all(word in text for word in (ORIGIN, "http://127.0.0.1:9000", "-s OBSERVER_DATA=DIR"))
    assert stored(data) == before


@pytest.mark.parametrize("claim", [None, ""])
def test_lines_tell_the_origin_when_the_claim_is_lost(
    segment: Path, data: Path, claim: str | None
) -> None:
    lost = data / "state/origin"
    lost.unlink()
    if claim is not None:
        lost.write_text(claim)
    segment.write_bytes(b"no json\n" + segment.read_bytes())
    with pytest.raises(WrongOrigin, match=r"what was read from http://127\.0\.0\.1:8000"):
        Segments(data, "http://127.0.0.1:9000").open()
    reopened(data)
    assert lost.read_text() == f"{ORIGIN}\n"


@pytest.mark.usefixtures("segment")
def test_origins_that_count_as_the_same_share_a_folder(data: Path) -> None:
    other = Segments(data, "http://127.0.0.1:9000", ["http://127.0.0.1:9000", ORIGIN])
    other.open()
    other.close()
    assert (data / "state/origin").read_text() == f"{ORIGIN}\n"


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match=f"cannot write to {tmp_path}/data"):
        Segments(tmp_path / "data", ORIGIN).open()


def test_a_segment_that_cannot_be_read_is_named_and_the_lock_is_given_back(
    segment: Path, data: Path
) -> None:
    segment.with_name("2022-07.0.jsonl").mkdir()
    with pytest.raises(StoreError, match=r"cannot write to .*2022-07\.0\.jsonl: Is a directory"):
        Segments(data, ORIGIN).open()
    segment.with_name("2022-07.0.jsonl").rmdir()
    reopened(data)


def test_a_folder_that_is_not_writable_is_named(tmp_path: Path) -> None:
    """In a process of its own: root may write everywhere, so it stops being root."""
    code = f"""
        import os
        from pathlib import Path
        from observer_crawler.store import Segments
        if os.geteuid() == 0:
            os.setuid(65534)
        Segments(Path({str(tmp_path)!r}, "data"), {ORIGIN!r}).open()
    """
    tmp_path.chmod(0o500)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=False
    )
    tmp_path.chmod(0o700)
    last = run.stderr.decode().splitlines()[-1]
    assert "StoreError: cannot write to " in last
    assert last.endswith(": Permission denied")


def test_a_full_disk_leaves_the_whole_lines_and_says_so(segments: Segments, data: Path) -> None:
    place = segments.append(an_article(1))
    segment = data / place.file
    whole = segment.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 100, limits[1]))
    try:
        with pytest.raises(StoreError, match=rf"cannot write to {segment}: File too large"):
            segments.append(an_article(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert segment.read_bytes() == whole
    assert ids(segments) == ["b:1"]
    assert segments.append(an_article(2)).offset == len(whole)
