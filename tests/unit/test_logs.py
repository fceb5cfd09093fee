"""What the log says of errors: where they arose and of which kind they are, never their words."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mmapp.config import ROOT
from mmapp.db import Database

FAIL = """
import threading
from mmapp import logs

def fail():
    raise ValueError("hush-hush")

class Fails:
    def __del__(self):
        fail()

logs.configure()
"""


def lines(code: str) -> list[dict[str, Any]]:
    """What a Python of its own logs: its hooks are the process's."""
    ended = subprocess.run([sys.executable, "-c", FAIL + code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "hush-hush" not in ended.stdout + ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


@pytest.mark.parametrize(
    "code",
    ["fail()", "thread = threading.Thread(target=fail); thread.start(); thread.join()", "Fails()"],
    ids=["main thread", "thread", "finalizer"],
)
def test_an_error_that_nobody_caught_is_one_line_without_its_message(code: str) -> None:
    (line,) = lines(code)
    assert (line["level"], line["error"]) == ("critical", "ValueError")
    assert line["trace"].endswith("<string>:6")


def test_an_error_s_causes_are_named_without_their_messages() -> None:
    (line,) = lines("try:\n    fail()\nexcept ValueError as error:\n    raise KeyError('hush-hush') from error")
    assert (line["error"], line["cause"]) == ("KeyError", "ValueError")


def test_a_thread_and_a_process_may_end_themselves() -> None:
    assert lines("threading.Thread(target=exit).start(); exit()") == []


def test_a_sign_is_logged_as_people_read_it() -> None:
    code = FAIL + "import structlog\nstructlog.get_logger().info('ai · done')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert "ai · done" in ended.stderr


def test_an_error_of_the_database_holds_no_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as error, database.write() as session:
        session.execute(text("insert into nowhere values (:words)"), {"words": "hush-hush"})
    assert "hush-hush" not in str(error.value)
