"""`--clusters`: independent of order, kept between exports, and no chain joins two stories."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from itertools import combinations
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from observer_crawler.dataset import kept
from observer_crawler.dataset.likeness import COPY, likeness
from observer_crawler.dataset.stars import stars
from observer_crawler.dataset.words import text_of
from tests.conftest import ROOT
from tests.retold import WORDS, article, edited, story
from tests.stored import Heard, made, rows, store
from tests.test_export import command, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.dataset import Made

SEED = 11


def told(count: int, draw: random.Random) -> list[dict[str, Any]]:
    """Give articles of which a third are copies of earlier ones, edited and cut."""
    found: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        body = story(draw, draw.randint(2, 5))
        if found and draw.random() < 1 / 3:
            body = edited(draw.choice(found)["body"], draw.uniform(0, 0.08), draw)
            body = body[:-1] if len(body) > 3 and draw.random() < 0.3 else body
        found.append(article(number, body))
    return found


def clustered(data: Path, heard: Heard | None = None, **wanted: Any) -> Made:  # noqa: ANN401
    return made(data, heard, formats="jsonl", clusters=True, **wanted)


def clusters(made_: Made) -> dict[str, str]:
    return {row["id"]: row["cluster_id"] for row in rows(made_)}


def texts_of(version: Made) -> bytes:
    return (version.version / "articles.jsonl").read_bytes()


def test_copies_stand_together_and_the_text_is_untouched(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    first, other = story(draw), story(draw)
    again = edited(first, 0.05, draw)
    store(tmp_path, [article(1, first), article(2, other), article(3, again, headline="Else")])
    found = rows(clustered(tmp_path))
    columns = ("id", "cluster_id", "cluster_size", "is_canonical")
    assert [tuple(row[name] for name in columns) for row in found] == [
        ("b:1", "b:1", 2, True),
        ("b:2", "b:2", 1, True),
        ("b:3", "b:1", 2, False),
    ]
    assert [row["body"] for row in found] == [first, other, again]


def test_the_canonical_article_is_the_first_of_its_cluster(tmp_path: Path) -> None:
    store(tmp_path, told(120, random.Random(SEED)))
    found = rows(clustered(tmp_path))
    place = {row["id"]: number for number, row in enumerate(found)}
    copies = [row for row in found if not row["is_canonical"]]
    assert len(copies) > 20
    assert all(place[row["cluster_id"]] < place[row["id"]] for row in copies)


def test_the_columns_are_there_only_when_asked_for(tmp_path: Path) -> None:
    store(tmp_path, told(5, random.Random(SEED)))
    assert "cluster_id" not in rows(made(tmp_path, formats="jsonl"))[0]
    assert "split" not in rows(clustered(tmp_path))[0]


def test_the_list_to_share_and_sqlite_have_them_too(tmp_path: Path) -> None:
    body = story(random.Random(SEED))
    store(tmp_path, [article(1, body), article(2, body)])
    shared = clustered(tmp_path, with_text=False)
    assert rows(shared)[1]["cluster_id"] == "b:1"
    assert "text" not in rows(shared)[1]
    version = made(tmp_path, formats="sqlite", clusters=True)
    with closing(sqlite3.connect(version.version / "articles.sqlite")) as connection:
        found = connection.execute("SELECT id FROM article WHERE NOT is_canonical").fetchall()
    assert found == [("b:2",)]


def test_the_manifest_counts_clusters_and_copies(tmp_path: Path) -> None:
    store(tmp_path, told(60, random.Random(SEED)))
    version = clustered(tmp_path)
    found = rows(version)
    counts = version.manifest["clusters"]
    assert counts["copies"] == sum(not row["is_canonical"] for row in found) > 5
    sizes = {row["cluster_id"]: row["cluster_size"] for row in found}
    assert counts["clusters"] == sum(size > 1 for size in sizes.values())
    assert counts["library"].startswith("rensa ")
    assert made(tmp_path).manifest["clusters"] is None


def test_twenty_shuffles_give_the_same_bytes(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    articles = told(150, draw)
    found = set()
    for number in range(20):
        draw.shuffle(articles)
        data = tmp_path / str(number)
        store(data, articles[:70], writer="0")
        if number % 2:  # an export in between: what was kept of it changes nothing
            clustered(data)
        store(data, articles[70:], writer="1")
        found.add((texts_of(clustered(data)), clustered(data).version.name))
    assert len(found) == 1


def test_a_second_export_signs_and_compares_nothing(tmp_path: Path) -> None:
    articles = told(80, random.Random(SEED))
    store(tmp_path, articles[:60])
    heard = [Heard(), Heard(), Heard()]
    clustered(tmp_path, heard[0])
    clustered(tmp_path, heard[1])
    store(tmp_path, articles[60:])
    clustered(tmp_path, heard[2])
    signed = [[step[2] for step in each.steps if step[0] == "texts signed"] for each in heard]
    assert signed == [[60], [], [20]]
    assert [step for step in heard[1].steps if step[0] == "pairs compared"] == []


@pytest.mark.parametrize("order", ["abc", "bac", "cba"])
def test_a_chain_of_edits_does_not_join_two_stories(tmp_path: Path, order: str) -> None:
    draw = random.Random(SEED)
    a = story(draw, 8)
    b = edited(a, 0.13, draw)
    c = edited(b, 0.13, draw)
    judged = {pair: likeness(*(text_of("", body) for body in pair_)) for pair, pair_ in
              {"ab": (a, b), "bc": (b, c), "ac": (a, c)}.items()}  # fmt: skip
    assert (judged["ab"], judged["bc"]) == (COPY, COPY)
    assert judged["ac"] < COPY
    named = {"a": a, "b": b, "c": c}
    store(tmp_path, [article(n + 1, named[name]) for n, name in enumerate(order)])
    found = clusters(clustered(tmp_path))
    place = {name: f"b:{order.index(name) + 1}" for name in order}
    assert found[place["a"]] != found[place["c"]]


def test_members_of_a_star_are_copies_of_one_another() -> None:
    copies = [(0, 1), (0, 2), (0, 3), (1, 2)]
    known = set(copies)
    assert list(stars(4, copies, lambda one, other: (one, other) in known)) == [0, 0, 0, 3]


def test_an_excluded_article_leaves_no_trace(tmp_path: Path) -> None:
    articles = told(60, random.Random(SEED))
    with_it, without = tmp_path / "with", tmp_path / "without"
    store(with_it, articles)
    before = clusters(clustered(with_it))
    gone = next(of for name, of in before.items() if name != of)
    (with_it / "exclude.txt").write_text(f"{gone} 2026-11-01 on request\n", "utf-8")
    store(without, [each for each in articles if each["id"] != gone])
    shutil.copy(with_it / "exclude.txt", without)
    after = clustered(with_it)
    assert texts_of(after) == texts_of(clustered(without))
    assert gone not in clusters(after).values()


def test_clusters_are_of_the_articles_that_fit_the_condition(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    body = story(draw)
    store(tmp_path, [article(number, body, section=f"{number % 2}") for number in range(1, 7)])
    clustered(tmp_path)
    found = rows(clustered(tmp_path, where="section = '0'"))
    assert {(row["cluster_id"], row["cluster_size"]) for row in found} == {("b:2", 3)}


def test_articles_without_text_are_no_copies_of_one_another(tmp_path: Path) -> None:
    store(tmp_path, [article(n, [], headline=head) for n, head in ((1, None), (2, None), (3, "Photo"), (4, "Photo"))])  # fmt: skip
    assert clusters(clustered(tmp_path)) == {f"b:{n}": f"b:{n}" for n in (1, 2, 3, 4)}


def test_texts_of_one_sum_are_copies_also_where_they_are_short(tmp_path: Path) -> None:
    bodies = [["A boat", "sank."], ["A boatsank."], ["A boat sank."]]
    store(tmp_path, [article(n, body, headline="Boat") for n, body in enumerate(bodies, 1)])
    assert set(clusters(clustered(tmp_path)).values()) == {"b:1"}


def test_with_revisions_every_line_has_the_cluster_of_its_article(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    old, new, other = story(draw), story(draw), story(draw)
    later = "2026-11-25T10:00:00.000000+00:00"
    store(tmp_path, [article(1, new), article(2, old), article(3, other)])
    store(tmp_path, [article(2, edited(new, 0.03, draw), fetched_at=later, revision=2)])
    found = rows(clustered(tmp_path, revisions=True))
    assert [(row["id"], row["cluster_id"], row["cluster_size"]) for row in found] == [
        ("b:1", "b:1", 2),
        ("b:2", "b:1", 2),
        ("b:2", "b:1", 2),
        ("b:3", "b:3", 1),
    ]


def test_a_crowd_is_not_paired_each_with_each_and_its_copies_are_found(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    form = draw.choices(WORDS, k=120)
    articles = []
    for number in range(1, 301):
        told_ = list(form)
        for place in range(0, 120, 6):
            told_[place] = str(draw.randrange(10_000))
        articles.append(article(number, [" ".join(told_)]))
    copied = {f"b:{1000 + n}": f"b:{n}" for n in range(10, 300, 10)}
    for number in range(10, 300, 10):
        body = edited(articles[number - 1]["body"], 0.05, draw)
        articles.append(article(1000 + number, body))
    store(tmp_path, articles)
    heard = Heard()
    found = clusters(clustered(tmp_path, heard))
    right = sum(found[copy] == found[of] for copy, of in copied.items())
    assert right >= 0.95 * len(copied)
    assert {name for name, of in found.items() if name != of} <= copied.keys()
    compared = [step[2] for step in heard.steps if step[0] == "pairs compared"]
    assert compared[-1] < 0.5 * len(articles) ** 2 / 2


# What is kept


@pytest.mark.parametrize("revisions", [False, True])
def test_an_older_text_of_another_article_begins_no_cluster(
    tmp_path: Path, *, revisions: bool
) -> None:
    draw = random.Random(SEED)
    first, other = story(draw), story(draw)
    changed = {"fetched_at": "2027-01-01T00:00:00.000000+00:00", "revision": 2}
    texts = [article(1, first, headline="A"), article(1, other, **changed)]
    again = article(2, edited(first, 0.03, draw))
    store(tmp_path, [*texts, again, article(3, first, headline="A")])
    found = clusters(clustered(tmp_path, revisions=revisions))
    assert found == {"b:1": "b:1", "b:2": "b:2", "b:3": "b:2"}


def test_one_text_under_many_headlines_is_looked_up_once_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = story(random.Random(SEED))
    store(tmp_path, [article(number, body) for number in range(1, 151)])
    asked: list[str] = []
    run_ = kept.Kept.run

    def counted(self: kept.Kept, query: str) -> list[Any]:
        asked.append(query)
        return run_(self, query)

    monkeypatch.setattr(kept.Kept, "run", counted)
    assert clustered(tmp_path).manifest["clusters"]["largest"] == 150
    assert sum("WHERE rank =" in query for query in asked) <= 150


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    store(tmp_path, told(5, random.Random(SEED)))
    clustered(tmp_path)
    assert (tmp_path / "dataset" / kept.FILE).stat().st_mode & 0o777 == 0o600


def spoil(path: Path, how: str) -> None:
    """Damage what is kept."""
    whole = path.read_bytes()
    if how == "foreign":
        path.write_bytes(b"no database at all")
    elif how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "spoilt":
        path.write_bytes(whole[:12_288] + bytes(len(whole) - 12_288))
    elif how == "empty":
        path.write_bytes(b"")
    else:
        with duckdb.connect(str(path)) as connection:
            connection.execute("UPDATE about SET made_by = 'rensa 0.4.0'")


@pytest.mark.parametrize("how", ["foreign", "cut", "spoilt", "empty", "another version"])
def test_what_is_damaged_or_foreign_is_made_anew_and_said(tmp_path: Path, how: str) -> None:
    store(tmp_path, told(60, random.Random(SEED)))
    before = texts_of(clustered(tmp_path))
    path = tmp_path / "dataset" / kept.FILE
    spoil(path, how)
    heard = Heard()
    after = clustered(tmp_path, heard)
    assert texts_of(after) == before
    assert len(heard.notes) == 1
    assert str(path) in heard.notes[0]
    assert "\n" not in heard.notes[0]
    assert [step[2] for step in heard.steps if step[0] == "texts signed"] == [60]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    store(tmp_path, told(5, random.Random(SEED)))
    clustered(tmp_path)
    path, elsewhere = tmp_path / "dataset" / kept.FILE, tmp_path / "elsewhere"
    path.unlink()
    elsewhere.write_bytes(b"not ours")
    path.symlink_to(elsewhere)
    clustered(tmp_path)
    assert elsewhere.read_bytes() == b"not ours"
    assert not path.is_symlink()


def test_what_was_kept_of_half_the_work_is_whole(tmp_path: Path) -> None:
    """As a kill between two batches leaves it: signatures without lines, pairs without others."""
    store(tmp_path, told(60, random.Random(SEED)))
    before = texts_of(clustered(tmp_path))
    with duckdb.connect(str(tmp_path / "dataset" / kept.FILE)) as connection:
        connection.execute("DELETE FROM line WHERE sum % 3 = 0")
        connection.execute("DELETE FROM pair WHERE lo % 2 = 0")
    heard = Heard()
    assert texts_of(clustered(tmp_path, heard)) == before
    assert heard.notes == []


def test_a_killed_export_leaves_what_is_kept_fit_for_use(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=3, seed=3)


@pytest.mark.prove
def test_exports_killed_at_random_leave_what_is_kept_fit_for_use(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("kills", 20)
    record_property("of them with something kept", kill_often(tmp_path, kills=20, seed=4))


def kill_often(tmp_path: Path, kills: int, seed: int) -> int:
    """Kill exports at random moments; gives how many had kept something."""
    draw, data, alone = random.Random(seed), tmp_path / "data", tmp_path / "alone"
    articles = told(400, draw)
    store(alone, articles)
    started = time.monotonic()
    whole = texts_of_latest(alone)
    seconds, path, held = time.monotonic() - started, data / "dataset" / kept.FILE, 0
    store(data, articles)
    for _ in range(kills):
        with suppress(subprocess.TimeoutExpired):  # it kills with SIGKILL
            words = command(data, "--clusters", "--format", "jsonl")
            seconds_left = draw.random() * seconds
            subprocess.run(words, cwd=ROOT, timeout=seconds_left, capture_output=True, check=False)
        held += path.exists()
    done = run(data, "--clusters", "--format", "jsonl")
    assert (done.returncode, "cannot be used" in done.stderr) == (0, False), done.stderr
    assert (data / "dataset" / "latest" / "articles.jsonl").read_bytes() == whole
    return held


def texts_of_latest(data: Path) -> bytes:
    """Export by the command; gives the bytes of the rows."""
    done = run(data, "--clusters", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    return (data / "dataset" / "latest" / "articles.jsonl").read_bytes()


def test_no_word_of_a_text_is_kept(tmp_path: Path) -> None:
    articles = told(20, random.Random(SEED))
    store(tmp_path, articles)
    clustered(tmp_path)
    whole = (tmp_path / "dataset" / kept.FILE).read_bytes()
    words = {word for each in articles for word in " ".join(each["body"]).split() if len(word) > 6}
    assert [word for word in words if word.encode() in whole] == []


@pytest.mark.prove
def test_every_pair_of_copies_is_found(tmp_path: Path, record_property: Any) -> None:  # noqa: ANN401
    """Compared each with each, apart from bands."""
    articles = told(600, random.Random(SEED))
    store(tmp_path, articles)
    clustered(tmp_path)
    with duckdb.connect(str(tmp_path / "dataset" / kept.FILE)) as connection:
        found = connection.execute("SELECT count(*) FROM pair WHERE likeness = 2").fetchall()
    texts = [text_of(each["headline"], each["body"]) for each in articles]
    real = sum(likeness(one, other) == COPY for one, other in combinations(texts, 2))
    record_property("pairs of copies, and those found by bands", f"{real}, {found[0][0]}")
    assert found[0][0] >= 0.99 * real
