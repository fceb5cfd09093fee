"""`make demo`: what it says first, and that two of them do no harm to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.demo import __main__ as demo


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    return tmp_path


def test_a_second_demo_is_refused_and_leaves_the_first_one_s_conversation(folder: Path) -> None:
    (folder / "playground.db").write_text("the first one's")
    with demo.alone(), pytest.raises(SystemExit, match="already"):
        demo.main()
    assert (folder / "playground.db").read_text() == "the first one's"


def test_when_the_first_demo_has_ended_another_may_begin(folder: Path) -> None:
    for _ in range(2):
        demo.alone().close()


@pytest.mark.parametrize("age", ["5.37", "11"])
def test_the_first_line_says_which_mattermost_is_played(
    folder: Path, age: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGE", age)
    monkeypatch.setenv("MODEL", str(folder / "nothing.gguf"))  # ends it before anything is started
    with pytest.raises(SystemExit, match="no file"):
        demo.main()
    assert f"a stand-in Mattermost {age}, " in capsys.readouterr().out.splitlines()[0]
