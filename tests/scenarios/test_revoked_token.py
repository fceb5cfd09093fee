"""The bot's token is revoked while Chorus works: answers wait, the log and the doctor say why, a new token delivers them."""

from __future__ import annotations

import threading

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from mmapp.config import Settings
from mmapp.errors import ConfigError
from mmapp.jobs import engines, worker
from mmapp.models import Job
from tests.doctor import Doctor
from tests.line import Line
from tests.playground.ids import new_id
from tests.scenarios.conftest import Kept


def restart(line: Line, settings: Settings) -> None:
    """End the worker, and start another one with these settings as a process would. Raises what ends its start."""
    registry = line.worker.registry
    begun = worker.connect(settings, threading.Event(), registry)
    assert begun
    line.worker.bots.close()
    line.worker.database.close()
    line.worker = begun
    engines.list_models(begun)


def with_token(settings: Settings, token: str) -> Settings:
    return settings.model_copy(update={"bot_tokens": (("ai", SecretStr(token)),)})


def test_answers_wait_for_a_new_token_and_are_then_posted_once(line: Line, log: Kept) -> None:
    line.model.enqueue("Because it ran dry.")
    line.say(line.ann, "ask Why did it stop?")
    line.step("admit")
    line.step("model:tiny")  # the answer is written, and not posted yet
    line.playground.revoke("ai")
    line.model.enqueue("At noon.")
    said = line.say(line.bob, "ask When?")  # is not even admitted
    for _ in range(4):
        line.hurry()
        line.settle()
    assert said.status == 200
    assert line.answers() == []
    assert line.jobs("queued") == 2
    refused = [each for each in log.lines if "Mattermost did not take it" in each]
    assert refused
    assert all("status 401" in each for each in refused)
    assert line.settings.bot[1] not in "".join(log.lines)

    with pytest.raises(ConfigError, match="does not accept the token of the bot ai"):
        restart(line, line.settings)
    token = new_id()
    line.playground.store.put("token", token, {"user_id": line.bot["id"], "token": token, "revoked": False})
    restart(line, with_token(line.settings, token))
    line.hurry()
    line.settle()
    assert sorted("Because it ran dry." in text for text in line.answers()) == [False, True]
    assert sum("At noon." in text for text in line.answers()) == 1
    with line.worker.database.read() as session:
        assert set(session.scalars(select(Job.state))) == {"done"}


def test_the_doctor_names_it_while_answers_wait_and_is_content_with_the_new_one(doctor: Doctor) -> None:
    line = doctor.line
    line.say(line.ann, "ask Why?")
    line.playground.revoke("ai")
    found = doctor.visit()
    assert found.faults == {"token"}
    assert "make a new token, put it into CHORUS_BOT_TOKENS and restart" in found.what("token")
    token = new_id()
    line.playground.store.put("token", token, {"user_id": line.bot["id"], "token": token, "revoked": False})
    assert doctor.visit(bot_tokens=f"ai={token}").worst == {}
