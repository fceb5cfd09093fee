"""The dialogs of `/ai digest edit`: what they show of a digest that is there, and what they change."""

from __future__ import annotations

from typing import Any

import pytest

from mmapp.models import Digest
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import defaults, options
from tests.scenarios.digesting import digest
from tests.scenarios.ordering import errors, fill, further, only, opened, stand_still, told, typed
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


# What was not changed stays as it is


@pytest.fixture
def sales(line: Line) -> Doc:
    """A channel of another team that is called ops as well, where the command is known too."""
    team = line.playground.add_team("sales")
    channel = line.playground.add_channel("O", "ops", team=team, members=(line.ann, line.bob, line.bot))
    for who in (line.ann, line.bob, line.bot):
        member = {"user_id": who["id"], "team_id": team["id"], "scheme_admin": False, "delete_at": 0}
        line.playground.store.put("team_member", f"{team['id']}:{who['id']}", member)
    token = line.playground.add_command(team, "ai", f"{line.settings.public_url}/mattermost/slash", username="ai")
    for settings in (line.settings, line.app.extensions["chorus"].settings):
        known = settings.command_tokens
        object.__setattr__(settings, "command_tokens", (*known, (team["id"], type(known[0][1])(token))))
    return channel


def test_another_team_s_channel_of_that_name_is_not_meant(line: Line, ops: Doc, sales: Doc) -> None:
    one(line, ops)
    fill(line, line.ann, opened(line, line.ann, "edit 1", sales), sales, time="10:30")
    assert "working days at 10:30" in told(line, line.ann)
    fill(line, line.ann, opened(line, line.ann, "edit 1", sales), sales, what="~ops, ~town")
    assert "Saved." in told(line, line.ann)
    assert only(line).channels == [ops["id"], line.town["id"]]


def test_two_channels_of_one_name_stay_two(line: Line, ops: Doc, sales: Doc) -> None:
    one(line, ops, sales)
    dialog = opened(line, line.ann, "edit 1")
    assert defaults(dialog)["what"] == f"{ops['id']}, {sales['id']}"  # what they are called says of neither which it is
    fill(line, line.ann, dialog, time="10:30")
    assert "Saved." in told(line, line.ann)
    assert only(line).channels == [ops["id"], sales["id"]]


def test_a_public_channel_that_the_bot_was_taken_out_of_stays_in_it(line: Line, ops: Doc) -> None:
    one(line, ops, line.town)
    line.playground.remove_member(line.bot, ops)
    dialog = opened(line, line.ann, "edit 1")
    assert defaults(dialog)["what"] == "~ops, ~town"
    fill(line, line.ann, dialog, time="10:30")
    assert "Saved. Digest **#1** now: `~ops` and `~town`" in told(line, line.ann)
    assert only(line).channels == [ops["id"], line.town["id"]]


def test_an_admin_who_may_not_read_all_of_it_can_change_the_rest(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bot))
    small = line.playground.add_channel("O", "small", members=(line.ann, line.bot))
    line.playground.make_channel_admin(line.ann, small)
    line.playground.make_team_admin(line.bob)
    digest(line, line.ann, [small, board], small, line="30 8 * * *", zone=KATHMANDU)
    dialog = opened(line, line.bob, "edit 1")
    assert defaults(dialog)["what"] == f"~small, {board['id']}"
    fill(line, line.bob, dialog, time="10:30")
    assert "Saved. Digest **#1** now: `~small` and a channel that you cannot read" in told(line, line.bob)
    assert only(line).line == "30 10 * * *"
    fill(line, line.bob, opened(line, line.bob, "edit 1"), what="~small")
    assert "Saved." in told(line, line.bob)
    assert only(line).channels == [small["id"]]


def test_many_channels_fit_into_its_field(line: Line) -> None:
    names = [f"customer-project-number-{number}" for number in range(10)]
    channels = [line.playground.add_channel("O", name, members=(line.ann, line.bot)) for name in names]
    one(line, *channels)
    dialog = opened(line, line.ann, "edit 1")
    (what,) = [each for each in dialog["dialog"]["elements"] if each["name"] == "what"]
    assert (what["type"], what["max_length"]) == ("textarea", 3000)  # a line takes 150 (MATTERMOST.md)
    assert len(what["default"]) > 150
    fill(line, line.ann, dialog, what=what["default"].replace(", ", "\n"))
    assert "is like that already" in told(line, line.ann)


def test_one_that_comes_each_hour_shows_its_minute_and_needs_a_time_to_come_each_day(line: Line) -> None:
    one(line, line="15 * * * *")
    dialog = opened(line, line.ann, "edit 1")
    assert defaults(dialog) | {"when": "hourly", "time": f":15 {KATHMANDU}"} == defaults(dialog)
    assert "At what time?" in errors(fill(line, line.ann, dialog, when="daily"))["time"]
    fill(line, line.ann, dialog, when="daily", time="08:30")
    assert "every day at 08:30" in told(line, line.ann)
    fill(line, line.ann, opened(line, line.ann, "edit 1"), when="hourly")
    assert "every hour, at 30 past" in told(line, line.ann)
    fill(line, line.ann, opened(line, line.ann, "edit 1"), time=":45")
    assert "every hour, at 45 past" in told(line, line.ann)
