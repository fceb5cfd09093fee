"""The doctor visits lines on which one thing is wrong, on this machine or in its database: it names that, and the cure."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, func, make_url, text, update

from llm import lock
from mmapp import config, services
from mmapp.db import Database, clock
from mmapp.doctor import machine as this_machine
from mmapp.doctor import storage
from mmapp.jobs import engines
from mmapp.models import ChannelSettings, Message, ModelRecord, WorkerRecord
from tests import gguf_files
from tests.conftest import KEY
from tests.doctor import Doctor

MB, GB = 10**6, 10**9


class Usage(NamedTuple):
    """As shutil has it, in bytes."""

    total: int
    used: int
    free: int


def test_a_line_that_works_is_told_so(doctor: Doctor) -> None:
    doctor.line.ask(doctor.line.ann, "Why?", answer="Because.")
    found = doctor.visit()
    assert found.worst == {}
    assert found.exit_code == 0
    assert doctor.read().strip().endswith("All is well.")


def test_where_no_channel_is_on_yet_the_visit_says_who_can_change_that(doctor: Doctor) -> None:
    found = doctor.visit(access="listed")
    assert found.worst == {"access": "warning"}
    assert found.exit_code == 0
    assert "`/ai on`" in found.what("access")


@pytest.mark.parametrize(
    ("access", "on", "words"),
    [
        ("listed", True, "Chorus is on in one channel (CHORUS_ACCESS is listed)"),
        ("everyone", True, "every channel (CHORUS_ACCESS is everyone)"),
        ("everyone", False, "but for one channel that an admin of it has switched off"),
    ],
)
def test_who_may_ask_is_said(doctor: Doctor, access: str, on: bool, words: str) -> None:
    with doctor.line.worker.database.write() as session:
        session.add(ChannelSettings(channel_id="c" * 26, on=on, set_by="a" * 26, set_at=clock(session)))
    found = doctor.visit(access=access)
    assert found.worst == {}
    assert words in found.what("access")


def test_nothing_is_posted_by_a_visit(doctor: Doctor) -> None:
    before = doctor.line.playground.store.posts("1 = 1")
    doctor.visit()
    assert doctor.line.playground.store.posts("1 = 1") == before


def test_no_secret_is_shown(doctor: Doctor) -> None:
    settings = doctor.line.settings
    secrets = [settings.bot[1], settings.secret_key.get_secret_value(), settings.encryption_keys[0].get_secret_value()]
    secrets += [token.get_secret_value() for _, token in settings.command_tokens]
    for changes in ({}, {"secret_key": "x" * 40}, {"database_url": "postgresql://chorus:hush@127.0.0.1:1/chorus"}):
        doctor.visit(**changes)
        shown = doctor.read()
        assert not [secret for secret in [*secrets, "x" * 40, "hush"] if secret in shown]


def test_wrong_settings_are_listed_all_and_what_needs_them_is_not_checked(doctor: Doctor) -> None:
    found = doctor.visit(secret_key="short", port="0", mattermost_url="chat.example.org")
    for name in ("CHORUS_SECRET_KEY", "CHORUS_PORT", "CHORUS_MATTERMOST_URL"):
        assert name in found.what("settings")
    assert found.faults == {"settings"}
    assert found.worst["round trip"] == "skipped"
    assert "the settings" in found.what("round trip")
    assert found.exit_code == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_an_env_that_others_may_read_is_a_fault(doctor: Doctor, mode: int) -> None:
    doctor.visit()
    doctor.env.chmod(mode)
    found = doctor.look()
    assert found.faults == {"secrecy"}
    assert f"chmod 600 {doctor.env}" in found.what("secrecy")


def test_an_old_python_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(this_machine, "PYTHONS", ((2, 6), (2, 7)))
    assert f"This is Python {sys.version_info[0]}.{sys.version_info[1]}" in doctor.visit().what("engine")


def test_a_machine_on_which_no_model_runs_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(this_machine.machine, "processor_flags", lambda: frozenset({"sse2"}))
    found = doctor.visit()
    assert found.worst == {"engine": "warning"}
    assert "no AVX" in found.what("engine")


@pytest.mark.parametrize(
    ("free", "level", "words"),
    [(50 * MB, "fault", "is full: 50 MB"), (900 * MB, "warning", "nearly full"), (4 * GB, "warning", "nearly full")],
)
def test_a_disk_that_is_full_or_nearly_is_named(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, free: int, level: str, words: str
) -> None:
    monkeypatch.setattr(this_machine.shutil, "disk_usage", lambda _path: Usage(100 * GB, 100 * GB - free, free))
    found = doctor.visit()
    assert found.worst == {"disks": level}
    assert words in found.what("disks")


def test_before_setup_the_visit_says_so_in_one_line_and_no_more(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in config.in_environment():
        monkeypatch.delenv(name)
    monkeypatch.setitem(config.Settings.model_config, "env_file", doctor.env.parent / "none")
    said = doctor.read()
    assert "✗ Chorus is not set up yet.\n  → Run `.venv/bin/flask --app app setup`." in said
    assert "CHORUS_" not in said
    assert ".env" not in said
    assert "– Not checked until the settings are right: disks, database, " in said
    assert said.count("Not checked") == 1


def test_what_is_not_checked_has_a_line_for_each_reason_and_a_finding_for_each_check(doctor: Doctor) -> None:
    found = doctor.visit(database_url="postgresql://chorus@127.0.0.1:1/chorus")
    assert set(found.all[0]) == {"level", "what", "cure", "check"}
    skipped = [one["check"] for one in found.all if one["level"] == "skipped"]
    lines = [
        line for line in doctor.read().splitlines() if line.startswith("– Not checked until the database answers:")
    ]
    assert len(lines) == 2  # what Mattermost has to say stands between
    assert sum(line.count(",") + 1 for line in lines) == len(skipped)


# The database


def test_a_password_in_a_database_address_is_never_shown(doctor: Doctor) -> None:
    """An SQLite address may hold one as well as a server's; the server's is tried where there is one."""
    separator = "&" if "?" in doctor.line.settings.database_url else "?"
    if doctor.line.settings.database_url.startswith("sqlite"):
        shown = services.shown(make_url("postgresql://chorus:geheim@127.0.0.1/chorus?password=hush&sslpassword=hush"))
        assert shown == "postgresql://chorus:***@127.0.0.1/chorus"
        return
    found = doctor.visit(database_url=f"{doctor.line.settings.database_url}{separator}password=hush")
    assert "database" not in found.faults
    assert "hush" not in doctor.read()


def test_a_database_that_is_not_there_yet_is_not_made(doctor: Doctor, tmp_path: Path) -> None:
    found = doctor.visit(database_url=f"sqlite:///{tmp_path}/new/chorus.db")
    assert found.faults == {"database"}
    assert "flask --app app release" in found.what("database")
    assert not (tmp_path / "new").exists()


def test_a_database_that_is_down_is_named_and_mattermost_is_looked_at_all_the_same(doctor: Doctor) -> None:
    found = doctor.visit(database_url="postgresql://chorus:hush@127.0.0.1:1/chorus")
    assert found.faults == {"database"}
    assert "127.0.0.1:1/chorus cannot be reached" in found.what("database")
    assert found.worst["round trip"] == "skipped"
    assert not {"mattermost", "token", "teams", "commands", "clock"} & found.worst.keys()


def test_a_file_that_is_no_database_is_named(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "page.db").write_text("<html>" * 1000)
    assert doctor.visit(database_url=f"sqlite:///{tmp_path}/page.db").faults == {"database"}


def test_a_database_of_another_version_is_named(doctor: Doctor) -> None:
    with doctor.line.worker.database.write() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    found = doctor.visit()
    assert found.faults == {"revision"}
    assert "flask --app app release" in found.what("revision")


def test_a_wrong_key_is_named(doctor: Doctor) -> None:
    doctor.line.ask(doctor.line.ann, "Why?", answer="Because.")
    found = doctor.visit(encryption_keys=Fernet.generate_key().decode())
    assert found.faults == {"keys"}
    assert "Put the old key back" in found.what("keys")


def test_a_key_that_was_dropped_too_early_is_named_though_the_newest_words_can_be_read(doctor: Doctor) -> None:
    line, new = doctor.line, Fernet.generate_key().decode()
    line.say(line.ann, "ask Why?")
    with closing(Database(line.settings.database, (new,))) as database, database.write() as session:
        later = clock(session) + timedelta(seconds=1)
        session.add(Message(role="question", person_id="p", person_name="bob", text="And now?", created_at=later))
    assert doctor.visit(encryption_keys=new).faults == {"keys"}
    assert doctor.visit(encryption_keys=f"{new},{KEY}").worst == {}


def test_an_sqlite_file_on_a_network_file_system_is_told_apart() -> None:
    mounts = "/dev/vda / ext4 rw 0 0\nserver:/export /srv/my\\040share nfs4 rw 0 0\n/dev/vdb /srv/my\\040share/disk xfs rw 0 0\n"
    assert storage.over_the_network(Path("/srv/my share/var/chorus.db"), mounts) == "nfs4"
    assert storage.over_the_network(Path("/srv/my share/disk/chorus.db"), mounts) == ""
    assert storage.over_the_network(Path("/srv/chorus.db"), mounts) == ""


# Workers and models


def test_without_a_worker_the_visit_says_so(doctor: Doctor) -> None:
    with doctor.line.worker.database.write() as session:
        session.execute(delete(WorkerRecord))
    found = doctor.visit()
    assert found.faults == {"workers"}
    assert "Chorus is not running" in found.what("workers")
    assert ".venv/bin/python app.py" in found.what("workers")
    assert found.exit_code == 1


def test_a_worker_without_a_sign_of_life_is_none(doctor: Doctor) -> None:
    with doctor.line.worker.database.write() as session:
        session.execute(update(WorkerRecord).values(seen_at=clock(session) - timedelta(hours=1)))
    assert doctor.visit().faults == {"workers"}


def test_without_a_worker_the_models_of_this_machine_are_looked_at(doctor: Doctor) -> None:
    folder = doctor.line.settings.models_dir
    folder.mkdir()
    gguf_files.copier(folder / "copier.gguf")
    (folder / "page.gguf").write_text("<html>not found</html>")
    with doctor.line.worker.database.write() as session:
        session.execute(delete(WorkerRecord))
    found = doctor.visit()
    assert "The model page cannot be used" in found.what("models")
    assert any("copier answers" in one["what"] for one in found.all)


def test_of_one_that_is_not_approved_it_is_said_how_to_approve_it(doctor: Doctor) -> None:
    folder = doctor.line.settings.models_dir
    folder.mkdir()
    gguf_files.copier(folder / "copier.gguf")
    lock.write(folder, lock.ApprovedList())
    engines.list_models(doctor.line.worker)
    found = doctor.visit()
    assert "The model copier cannot be used: not on the approved list (models.lock)." in found.what("models")
    assert "models lock --add copier` approves it" in str(found.all)
    assert "Replace its file" not in str(found.all)


def test_a_default_model_that_is_not_there_is_named(doctor: Doctor) -> None:
    found = doctor.visit(default_model="lama-typo")
    assert found.worst == {"models": "warning"}
    assert "CHORUS_DEFAULT_MODEL is lama-typo" in found.what("models")


def test_with_the_quoting_model_alone_the_visit_says_how_to_get_one_that_writes(doctor: Doctor) -> None:
    with doctor.line.worker.database.write() as session:
        session.execute(delete(ModelRecord).where(func.lower(ModelRecord.engine) != "extractive"))
        session.execute(update(ModelRecord).values(is_default=True))
    assert "models pull" in doctor.visit().what("models")
