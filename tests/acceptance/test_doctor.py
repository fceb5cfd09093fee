"""`flask --app app doctor` as a process of its own, beside what `python app.py` runs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.everything import Everything, copy
from tests.acceptance.house import House
from tests.acceptance.processes import run

DOCTOR = ("-m", "flask", "--app", "app", "doctor")


def test_before_and_after_the_start_the_doctor_says_what_is_missing_and_that_all_is_well(tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{tmp_path / 'chorus.db'}", web="process", script=[{"answer": "Yes."}]) as house:
        (tmp_path / "before").mkdir()
        tree = copy(tmp_path / "before")
        code, said = run(*DOCTOR, env=house.env, log=tmp_path / "before.log", cwd=tree)
        assert code == 1
        assert "There is no database yet" in said
        with Everything(house) as everything:
            everything.ready()
            code, said = run(*DOCTOR, env=everything.env, log=tmp_path / "doctor.log", cwd=everything.tree)
            assert code == 0, said
            assert "Mattermost reaches this Chorus at" in said
            code, said = run(*DOCTOR, "--json", env=everything.env, log=tmp_path / "json.log", cwd=everything.tree)
        levels = {finding["check"]: finding["level"] for finding in json.loads(said)}
    assert levels.pop("disks") in ("ok", "warning", "fault")  # this machine's own
    assert set(levels.values()) == {"ok"}
