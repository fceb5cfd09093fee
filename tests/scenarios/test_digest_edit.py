"""The dialogs of `/ai digest edit`: what they show of a digest that is there, and what they change."""

from __future__ import annotations

from typing import Any

import pytest

from mmapp.models import Digest
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import defaults, options
from tests.scenarios.digesting import digest
from tests.scenarios.ordering import fill, further, only, opened, stand_still, told, typed
from tests.scenarios.test_counts import calls
from tests.scenarios.test_times import lives_in

KATHMANDU = "Asia/Kathmandu"


@pytest.fixture(autouse=True)
def at_noon(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday 26 November 2026, 12:00 in UTC; ann lives in Kathmandu."""
    stand_still(line, monkeypatch)
    lives_in(line, line.ann, KATHMANDU)


@pytest.fixture
def ops(line: Line) -> Doc:
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))


def one(line: Line, /, *channels: Doc, **more: Any) -> int:
    """Ann's, of the town unless told, on working days at 08:30 in Kathmandu."""
    usual = {"line": "30 8 * * mon,tue,wed,thu,fri", "zone": KATHMANDU}
    return digest(line, line.ann, list(channels or (line.town,)), **usual | more)


def test_edit_opens_it_with_what_is_set(line: Line, ops: Doc) -> None:
    one(line, ops, line.town, line="5 17 * * fri", kind="actions", zone="Europe/Berlin")
    dialog = opened(line, line.ann, "edit 1")
    assert dialog["dialog"]["title"] == "Digest #1"
    assert defaults(dialog) == {
        "what": "~ops, ~town", "to": "me", "when": "fri", "time": "17:05 Europe/Berlin", "more": "false"
    }  # fmt: skip
    second = further(line, line.ann, dialog)
    assert defaults(second)["kind"] == "actions"
    assert fill(line, line.ann, second, kind="brief") == {}
    assert "Saved. Digest **#1** now: `~ops` and `~town`, to you alone, every Friday at 17:05." in told(line, line.ann)
    assert (only(line).kind, only(line).line, only(line).zone) == ("brief", "5 17 * * fri", "Europe/Berlin")


def test_what_is_saved_without_a_change_changes_nothing(line: Line) -> None:
    one(line, line="0 9 1,15 * *")
    dialog = opened(line, line.ann, "edit")
    assert options(dialog, "when")["kept"] == "as it is: 0 9 1,15 * *"
    fill(line, line.ann, dialog)
    assert "Digest **#1** is like that already" in told(line, line.ann)


def test_a_line_without_one_time_of_day_can_stay_as_it_is(line: Line) -> None:
    one(line, line="0 8-18 * * mon,tue,wed,thu,fri")
    dialog = opened(line, line.ann, "edit")
    assert defaults(dialog)["time"] == ""
    fill(line, line.ann, dialog, what="~town", more="false")
    assert "is like that already" in told(line, line.ann)


def test_who_takes_the_other_zone_away_means_their_own(line: Line) -> None:
    typed(line, line.ann, "daily 08:30 Europe/Berlin")
    fill(line, line.ann, opened(line, line.ann, "edit"), time="08:30")
    told(line, line.ann)
    assert (only(line).zone, only(line).line) == (KATHMANDU, "30 8 * * *")


def test_one_that_is_posted_elsewhere_says_where_and_can_stay_there(line: Line, ops: Doc) -> None:
    line.playground.make_channel_admin(line.ann, ops)
    digest(line, line.ann, [ops], ops, line="30 8 * * *", zone=KATHMANDU)
    dialog = opened(line, line.ann, "edit 1")
    assert defaults(dialog)["to"] == "kept"
    assert options(dialog, "to")["kept"] == "in ~ops"
    fill(line, line.ann, dialog, time="09:30")
    assert "`~ops`, posted in `~ops`, every day at 09:30" in told(line, line.ann)
    assert defaults(opened(line, line.ann, "edit 1", ops))["to"] == "here"


def test_two_people_at_once_do_not_take_each_other_s_words(line: Line) -> None:
    for who in (line.ann, line.bob):
        line.playground.make_channel_admin(who, line.town)
    digest(line, line.ann, [line.town], line.town, line="30 8 * * *", zone=KATHMANDU)
    hers, his = opened(line, line.ann, "edit 1"), opened(line, line.bob, "edit 1")
    fill(line, line.ann, hers, time="09:30")
    assert "every day at 09:30" in told(line, line.ann)
    fill(line, line.bob, his, time="10:30")
    said = told(line, line.bob)
    assert "Somebody has changed digest #1 since you opened it, so nothing of yours was saved." in said
    assert "/ai digest edit 1" in said
    assert only(line).line == "30 9 * * *"


def test_one_that_was_removed_meanwhile_is_not_brought_back(line: Line) -> None:
    one(line)
    dialog = opened(line, line.ann, "edit")
    typed(line, line.ann, "remove")
    fill(line, line.ann, dialog, time="09:30")
    assert "Your digest #1 was removed." in told(line, line.ann)
    assert only(line).state == "removed"


def test_a_channel_s_name_that_cannot_be_told_stays_its_id(line: Line) -> None:
    one(line, line.secret)
    dialog = opened(line, line.ann, "edit")
    assert defaults(dialog)["what"] == line.secret["id"]
    fill(line, line.ann, dialog)
    assert "One of its channels you may not read any more, or ai is not in it." in told(line, line.ann)


def test_edit_goes_on_from_the_database_where_mattermost_is_slow(line: Line) -> None:
    one(line)
    with calls(line) as made:
        opened(line, line.ann, "edit")
    assert made == [
        "POST /commands/execute",
        "GET /channels/{}/members/{}",
        "GET /channels/{}",
        "POST /actions/dialogs/open",
    ]


def test_a_number_that_is_nobody_s_opens_nothing(line: Line) -> None:
    digest(line, line.bob, [line.town])
    for number in (1, 7):
        said = line.say(line.ann, f"digest edit {number}").text
        assert f"There is no digest #{number} that you can look at or change here." in said
    assert line.playground.dialogs(line.ann) == []
    with line.worker.database.read() as session:
        assert session.get_one(Digest, 1).state == "active"


def test_a_model_that_is_gone_stays_set_until_another_is_picked(line: Line) -> None:
    one(line, model="gone")
    second = further(line, line.ann, opened(line, line.ann, "edit"))
    assert defaults(second)["model"] == "gone"
    fill(line, line.ann, second, quiet="3")
    told(line, line.ann)
    assert (only(line).model, only(line).quiet) == ("gone", 3)
    fill(line, line.ann, further(line, line.ann, opened(line, line.ann, "edit")), model="usual")
    told(line, line.ann)
    assert only(line).model == ""
