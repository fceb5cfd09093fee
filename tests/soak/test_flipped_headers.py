"""Three hundred model files with a flipped bit in their header: each answers or is told of, and the worker lives."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from llm import header
from llm.base import ModelError, Speed
from llm.registry import Registry
from mmapp.models import ModelRecord
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually
from tests.gguf_files import copier, flipped
from tests.smollm2 import smollm2_path

# The copier's header is nearly all structure; SmolLM2's is nearly all vocabulary, as real ones are.
COPIERS, REAL = 270, 30
BATCH = 20  # files in the models folder at a time
BOUND = 180.0  # seconds for one file: the engine's own longest silence, and a second try


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("source", "files"), [("copier", COPIERS), ("smollm2", REAL)])
def test_three_hundred_flipped_headers(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, files: int
) -> None:
    original = copier(tmp_path / "copier.gguf") if source == "copier" else smollm2_path()
    end = header.read(original).end
    ends: Counter[str] = Counter()
    with house.worker("never", "--tokens", "16") as worker:
        eventually(
            lambda: any(one.warm for one in house.workers()), "the worker does not come up", unless=worker.trouble
        )
        for first in range(0, files, BATCH):
            draws = {number: random.Random(f"{source} {number}") for number in range(first, min(first + BATCH, files))}
            names = {f"{source}-{number}": (draw.randrange(end), draw.randrange(8)) for number, draw in draws.items()}
            paths = [
                flipped(original, house.folder / "models" / f"{name}.gguf", *place) for name, place in names.items()
            ]
            eventually(lambda names=names: names.keys() <= _listed(house), "not all are listed", unless=worker.trouble)
            for name in names:
                ends[f"probe: {_probed(house, name)}"] += 1
                ends[f"question: {_asked(house, worker, name)}"] += 1
            for path in paths:
                path.unlink()
        assert worker.code is None
    assert house.processes() == {}
    with capsys.disabled():
        sys.stdout.write(f"\n{files} flipped headers of {source}: {dict(sorted(ends.items()))}\n")


def _listed(house: House) -> set[str]:
    with house.database.read() as session:
        return {record.name for record in session.query(ModelRecord)}


def _probed(house: House, name: str) -> str:
    """What `flask models probe` finds: that it can be measured, or the kind of its fault."""
    registry = Registry(house.folder / "models", threads=1, window=512, states_mb=0)
    try:
        assert any(isinstance(step, Speed) for step in registry.resolve(name).probe())
    except ModelError as error:
        return type(error).__name__
    finally:
        registry.close()
    return "measured"


def _asked(house: House, worker: Process, name: str) -> str:
    """What a person gets: one answer, or one sentence why there is none."""
    before = len(house.told())
    acknowledged = house.ask(f"--model {name} The code is 4711. the code is")
    stoppable = not acknowledged.text or acknowledged.json.get("attachments")
    if not stoppable:
        assert "cannot be used" in acknowledged.text, acknowledged.text
        return "refused, since its header says why"
    eventually(house.is_at_rest, f"{name} does not come to an end", within=BOUND, unless=worker.trouble)
    request = house.jobs("admit")[-1].request_id
    posts = [post for post in house.bot_posts() if post["props"].get("chorus_request") == request]
    sentences = house.told()[before + bool(acknowledged.text) :]
    assert len(posts) + len(sentences) == 1, (posts, sentences)
    return "answered" if posts else "told why not"
