"""What `make bench` says: rows that hold or do not, the table, the JSON, the docs, and the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.processes import eventually
from tests.bench import __main__ as bench
from tests.bench import pss, table
from tests.bench.blocks import Sides, interleave
from tests.bench.seen import Arrivals, shown
from tests.bench.table import Part, Row
from tests.playground.world import Playground

ROOT = Path(__file__).parents[2]
CONDITIONS = {"date": "2026-11-22 20:00 UTC", "cores": 2, "memory": 24105, "load": 0.1, "python": "3.11.7"}
KEYS = {"name", "value", "unit", "baseline", "ratio", "limit", "holds"}


def row(value: float, limit: float | None = 3, **more: object) -> Row:
    return Row("acknowledgement", value, "ms", 2.0, limit, "a bare view", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measured", "holds"),
    [
        (row(6.0), True),
        (row(6.1), False),
        (row(6.1, limit=None), None),
        (row(300, 300, limited="value"), True),
        (row(301, 300, limited="value"), False),
        (row(2.0, 1, least=True), True),
        (row(1.0, 1, least=True), False),
    ],
)
def test_a_row_holds_up_to_its_limit(measured: Row, holds: bool | None) -> None:
    assert measured.holds is holds


def test_a_ratio_is_the_value_beside_its_baseline() -> None:
    assert row(5.0).ratio == 2.5


def test_the_table_says_what_does_not_hold() -> None:
    lines = table.as_text([row(5.0), row(7.0), row(301.4, 300, limited="value"), row(9.0, None)]).splitlines()
    assert [re.split(r"\s{2,}", line) for line in lines] == [
        ["what", "value", "baseline", "ratio", "limit", "holds"],
        ["acknowledgement", "5 ms", "2 ms", "2.5", "≤ 3", "yes"],
        ["acknowledgement", "7 ms", "2 ms", "3.5", "≤ 3", "NO"],
        ["acknowledgement", "301 ms", "2 ms", "151", "≤ 300 ms", "NO"],
        ["acknowledgement", "9 ms", "2 ms", "4.5", "reported"],
    ]


def test_the_json_holds_every_row_and_is_read_back(tmp_path: Path) -> None:
    rows = [row(5.0), row(301, 300, limited="value")]
    table.write_json(tmp_path / "var" / "bench.json", {"ack": Part(rows, CONDITIONS)})
    found = json.loads((tmp_path / "var" / "bench.json").read_text())["ack"]
    assert found["cores"] == 2
    assert all(each.keys() >= KEYS for each in found["rows"])
    assert found["rows"][0]["ratio"] == 2.5
    assert [each["holds"] for each in found["rows"]] == [True, False]
    assert table.read_json(tmp_path / "var" / "bench.json") == {"ack": Part(rows, CONDITIONS)}


def test_the_docs_get_the_table_and_keep_their_other_words(tmp_path: Path) -> None:
    path = tmp_path / "BENCHMARKS.md"
    path.write_text(f"# Measured\n\n{table.BEGIN}\nyesterday\n{table.END}\n\nBelow.\n")
    table.write_docs(path, {"ack": Part([row(5.0)], CONDITIONS)})
    text = path.read_text()
    assert text.startswith("# Measured\n")
    assert text.endswith("\n\nBelow.\n")
    assert "yesterday" not in text
    assert "| acknowledgement | 5 ms | 2 ms | 2.5 | ≤ 3 | yes |" in text
    assert "on 2026-11-22" in text
    assert "with 2 cores, 24,105 MB of memory and Python 3.11.7: `ack` 20:00 (0.1)." in text
    assert "acknowledgement: a bare view" in text
    table.write_docs(path, {"ack": Part([row(5.0)], CONDITIONS)})
    assert path.read_text() == text


def test_docs_without_a_place_for_the_table_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "BENCHMARKS.md"
    path.write_text("# Measured\n")
    with pytest.raises(ValueError, match="no place"):
        table.write_docs(path, {"ack": Part([row(5.0)], CONDITIONS)})
    assert path.read_text() == "# Measured\n"


def test_our_own_docs_have_a_place_for_the_table(tmp_path: Path) -> None:
    path = tmp_path / "BENCHMARKS.md"
    path.write_text((ROOT / "docs" / "BENCHMARKS.md").read_text())
    table.write_docs(path, {"ack": Part([row(5.0)], CONDITIONS)})


@pytest.mark.parametrize(("value", "code"), [(5.0, 0), (7.0, 1)])
def test_a_row_that_does_not_hold_is_the_exit_code(
    value: float, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def part(folder: Path) -> Iterator[Row]:
        assert not folder.exists()
        folder.mkdir(parents=True)
        yield row(value)
        yield row(1000, None)

    (tmp_path / "ack").mkdir()  # left by an earlier run
    assert bench.bench({"ack": part}, tmp_path, tmp_path / "bench.json") == code
    assert [each["value"] for each in json.loads((tmp_path / "bench.json").read_text())["ack"]["rows"]] == [value, 1000]
    assert "acknowledgement" in capsys.readouterr().out


def test_a_part_that_is_measured_again_takes_the_place_of_what_was_measured_of_it_before(tmp_path: Path) -> None:
    kept = tmp_path / "bench.json"
    bench.bench({"twenty": lambda _: iter([row(1.0)]), "ack": lambda _: iter([row(2.0)])}, tmp_path, kept)
    bench.bench({"twenty": lambda _: iter([row(3.0)])}, tmp_path, kept)
    found = [(name, [each.value for each in part.rows]) for name, part in table.read_json(kept).items()]
    assert found == [("ack", [2.0]), ("twenty", [3.0])]


def test_sides_take_turns_in_being_the_first() -> None:
    order: list[str] = []

    def side(name: str, seconds: list[float]) -> list[float]:
        order.append(name)
        return seconds

    sides = interleave(2, lambda: side("bare", [1.0, 9.0, 2.0]), lambda: side("ours", [4.0, 5.0, 6.0]))
    assert order == ["bare", "ours", "ours", "bare"]
    assert sides.medians() == (5.0, 2.0)
    assert sides.percentiles(0.99) == (6.0, 9.0)


def test_the_median_is_of_blocks_so_one_disturbed_block_does_not_count() -> None:
    assert Sides(baseline=[[1.0]], subject=[[3.0], [3.0], [90.0, 90.0, 90.0]]).medians() == (3.0, 1.0)


def test_the_pages_of_a_mapped_file_are_told_apart() -> None:
    smaps = (
        "7f00-7f10 r--s 00000000 fe:00 123 /models/a.gguf\nRss: 30 kB\nPss:                 20 kB\nPss_Dirty: 1 kB\n"
        "7f10-7f20 r--s 00000000 fe:00 123 /models/a.gguf\nPss:                 5 kB\n"
        "7f20-7f30 rw-p 00000000 00:00 0 \nPss:                 700 kB\n"
        "7f30-7f40 r--s 00000000 fe:00 124 /models/a.gguf.old\nPss:                 9 kB\n"
    )
    assert pss.of_mappings(smaps, "/models/a.gguf") == 25 * 1024 / 10**6


def test_what_arrives_at_the_stand_in_is_counted_by_what_it_asks_for() -> None:
    with Playground() as playground:
        arrivals = Arrivals(playground)
        playground.add_team()
        ann = playground.add_user("ann")
        town = playground.add_channel("O", "town", members=(ann,))
        post = playground.call(ann, "POST", "/posts", {"channel_id": town["id"], "message": "Hello."}).json
        for message in ("Hello!", "Hello?"):
            playground.call(ann, "PUT", f"/posts/{post['id']}/patch", {"message": message})
        assert len(arrivals.of("POST /api/v4/posts")) == 1
        first, second = arrivals.of("PUT /api/v4/posts/[a-z0-9]+/patch")
        assert first.at < second.at
        assert arrivals.of("PUT /api/v4/posts") == []


def test_who_looks_on_is_sent_what_happens_in_his_channels_and_nothing_else() -> None:
    with Playground() as playground:
        playground.add_team()
        ann, bob = (playground.add_user(name) for name in ("ann", "bob"))
        town = playground.add_channel("O", "town", members=(ann, bob))
        hall = playground.add_channel("P", "hall", members=(ann,))
        with shown(playground, bob) as frames:
            playground.post_as(ann, hall, "Among us.")
            post = playground.post_as(ann, town, "Hello.")
            playground.edit(ann, post, "Hello!")
            eventually(lambda: len(frames) == 2, "he is not sent both")
        assert [json.loads(frame)["event"] for frame in frames] == ["posted", "post_edited"]
