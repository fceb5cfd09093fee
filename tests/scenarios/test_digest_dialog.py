"""The dialogs of `/ai digest`: what they show, what they start and change, and what nobody can have them do."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from mmapp.mattermost.errors import Unreachable
from mmapp.models import WorkerRecord
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import add, defaults, introduction, options
from tests.scenarios.ordering import digests, errors, fill, further, only, opened, stand_still, told, typed
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


def field(dialog: Doc, name: str) -> Doc:
    (found,) = [one for one in dialog["dialog"]["elements"] if one["name"] == name]
    return dict(found)


# The first


def test_it_asks_four_things_and_has_an_answer_to_each(line: Line) -> None:
    dialog = opened(line, line.ann)
    assert dialog["dialog"]["title"] == "New digest"
    assert introduction(dialog).startswith("A short summary of what happened, posted for you.")
    assert defaults(dialog) == {
        "what": "~town", "to": "me", "when": "workdays", "time": "08:30", "more": "false"
    }  # fmt: skip
    assert options(dialog, "to") == {
        "me": "to me alone", "here": "in this channel", "other": "in another channel"
    }  # fmt: skip
    whens = options(dialog, "when")
    assert list(whens.values())[:3] == ["on working days", "every day", "every Monday"]
    assert len(whens) == 2 + 7 + 3


def test_nothing_is_asked_of_mattermost_before_it_opens(line: Line) -> None:
    with calls(line) as made:
        opened(line, line.ann)
    assert made == ["POST /commands/execute", "POST /actions/dialogs/open"]


def test_it_names_its_person_s_time_zone_once_that_is_known(line: Line) -> None:
    assert "By your own time zone." in field(opened(line, line.ann), "time")["help_text"]
    typed(line, line.ann, "daily 08:30")
    assert f"Your time zone: {KATHMANDU}." in field(opened(line, line.ann), "time")["help_text"]
    lives_in(line, line.ann, "America/Argentina/Buenos_Aires")  # as long as they come
    typed(line, line.ann, "daily 09:30")
    assert field(opened(line, line.ann), "time")["help_text"].endswith("only the minutes count.")


def test_what_was_filled_in_is_started(line: Line, ops: Doc) -> None:
    dialog = opened(line, line.ann)
    assert fill(line, line.ann, dialog, what="~ops, ~town", when="fri", time="17:05") == {}
    assert "Digest **#1** is set up: `~ops` and `~town`, to you alone, every Friday at 17:05." in told(line, line.ann)
    assert (only(line).line, only(line).zone) == ("5 17 * * fri", KATHMANDU)


@pytest.mark.parametrize(
    ("when", "cron"),
    [
        ("workdays", "30 8 * * mon,tue,wed,thu,fri"),
        ("daily", "30 8 * * *"),
        ("sun", "30 8 * * sun"),
        ("weekly", "30 8 * * thu"),
        ("monthly", "30 8 1 * *"),
        ("hourly", "30 * * * *"),
    ],
)
def test_each_of_its_days(line: Line, when: str, cron: str) -> None:
    assert fill(line, line.ann, opened(line, line.ann), when=when) == {}
    line.settle()
    assert only(line).line == cron


def test_another_zone_can_stand_behind_the_time(line: Line) -> None:
    fill(line, line.ann, opened(line, line.ann), time="8:30 europe/berlin")
    assert "08:30 (Europe/Berlin)" in told(line, line.ann)


def test_it_is_filled_in_with_what_was_typed(line: Line, ops: Doc) -> None:
    dialog = opened(line, line.ann, "~ops --to ~town --kind actions 09:15 Europe/Berlin")
    assert defaults(dialog) == {
        "what": "~ops", "to": "kept", "when": "workdays", "time": "09:15 Europe/Berlin", "more": "false"
    }  # fmt: skip
    assert options(dialog, "to")["kept"] == "in ~town"
    line.playground.make_channel_admin(line.ann, line.town)
    line.playground.add_member(line.carol, ops)
    assert fill(line, line.ann, dialog) == {}
    assert "`~ops`, posted in `~town`, on working days at 09:15" in told(line, line.ann)
    assert (only(line).kind, only(line).zone) == ("actions", "Europe/Berlin")


def test_days_that_are_not_offered_stay_as_they_were_typed(line: Line) -> None:
    dialog = opened(line, line.ann, "mon wed")
    assert options(dialog, "when")["kept"] == "on Monday and Wednesday"
    fill(line, line.ann, dialog)
    line.settle()
    assert only(line).line == "30 8 * * mon,wed"


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({"time": "25:00"}, "time", "There is no 25:00."),
        ({"time": "8:75"}, "time", "There is no 8:75."),
        ({"time": "half past eight"}, "time", "half past eight is no time of day."),
        ({"time": ""}, "time", "At what time?"),
        ({"time": "08:30 Mars/Olympus"}, "time", "There is no time zone Mars/Olympus."),
        ({"time": "08:30 \x00/etc"}, "time", "There is no time zone"),
        ({"what": ""}, "what", "Which channels?"),
        ({"what": " , "}, "what", "Which channels?"),
        ({"what": " ".join(f"~c{one}" for one in range(11))}, "what", "At most 10 channels"),
        ({"when": "sometimes"}, "when", "Please pick one of those"),
        ({"when": "kept"}, "when", "Please pick one of those"),
        ({"when": ""}, "when", "Please pick one of those"),
        ({"to": "everybody"}, "to", "Please pick one of those"),
        ({"to": "kept"}, "to", "Please pick one of those"),
        ({"when": "[object Object]"}, "when", "Please pick one of those"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_can_be_put_right(
    line: Line, values: dict[str, str], field: str, why: str
) -> None:
    dialog = opened(line, line.ann)
    kept = errors(fill(line, line.ann, dialog, **values))
    assert kept.keys() == {field}
    assert why in kept[field]
    assert line.jobs("queued") == 0
    assert fill(line, line.ann, dialog) == {}
    line.settle()
    assert len(digests(line)) == 1


def test_what_only_mattermost_knows_is_said_with_all_that_was_filled_in(line: Line) -> None:
    fill(line, line.ann, opened(line, line.ann), what="~nowhere, ~town", when="fri", time="17:05 Europe/Berlin")
    said = told(line, line.ann)
    assert "There is no channel `~nowhere`" in said
    assert "```\n/ai digest ~nowhere ~town fri 17:05 --to me --zone Europe/Berlin\n```" in said
    assert digests(line) == []


def test_it_is_submitted_once_by_who_opened_it(line: Line) -> None:
    dialog = opened(line, line.ann)
    assert "nothing was changed" in errors(fill(line, line.bob, dialog))[""]
    assert fill(line, line.ann, dialog) == {}
    assert "was done already" in errors(fill(line, line.ann, dialog))[""]
    line.settle()
    assert len(digests(line)) == 1
    assert only(line).person_id == line.ann["id"]


def test_another_channel_on_screen_changes_nothing(line: Line) -> None:
    dialog = opened(line, line.ann)
    assert fill(line, line.ann, dialog, line.secret) == {}
    line.settle()
    assert only(line).channels == [line.town["id"]]


def test_a_state_that_was_changed_does_nothing(line: Line) -> None:
    dialog = opened(line, line.ann)
    state = dialog["dialog"]["state"]
    for forged in (state[:-3] + "abc", state.replace("digest", "digestmore", 1), "digest", "digest x.y.z"):
        dialog["dialog"]["state"] = forged
        assert "nothing was changed" in errors(fill(line, line.ann, dialog))[""]
    assert line.jobs("queued") == 0


# More options


def test_more_options_come_next_and_nothing_is_started_before(line: Line) -> None:
    (large,) = add(line, "large")
    second = further(line, line.ann, opened(line, line.ann), when="daily")
    assert second["dialog"]["title"] == "More options"
    assert list(defaults(second)) == ["window", "kind", "length", "language", "model", "quiet"]
    assert defaults(second) == {
        "window": "last", "kind": "summary", "length": "medium", "language": "", "model": "usual", "quiet": "5"
    }  # fmt: skip
    line.settle()
    assert digests(line) == []
    chosen = {
        "window": "week",
        "kind": "decisions",
        "length": "long",
        "language": "de",
        "model": large.name,
        "quiet": "0",
    }
    assert fill(line, line.ann, second, **chosen) == {}
    assert "every day at 08:30" in told(line, line.ann)
    made = only(line)
    assert (made.window, made.kind, made.length, made.language) == ("week", "decisions", "long", "German")
    assert (made.model, made.quiet) == ("large", 0)


def test_what_was_typed_stands_in_the_second(line: Line) -> None:
    second = further(line, line.ann, opened(line, line.ann, "--kind actions --quiet 2 --language de"))
    assert defaults(second) | {"kind": "actions", "quiet": "2", "language": "German"} == defaults(second)
    fill(line, line.ann, second, language="")
    line.settle()
    assert (only(line).kind, only(line).quiet, only(line).language) == ("actions", 2, "")


def test_another_channel_is_asked_for_there(line: Line, ops: Doc) -> None:
    line.playground.make_channel_admin(line.ann, ops)
    second = further(line, line.ann, opened(line, line.ann, "~ops weekdays"), to="other")
    assert field(second, "channel")["data_source"] == "channels"
    assert "Please pick the channel" in errors(fill(line, line.ann, second))["channel"]
    assert "Please pick one" in errors(fill(line, line.ann, second, channel="~ops"))["channel"]
    assert fill(line, line.ann, second, channel=ops["id"]) == {}
    assert "`~ops`, posted in `~ops`" in told(line, line.ann)
    assert only(line).to_channel == ops["id"]


def test_it_is_asked_for_also_where_nobody_has_ticked_more(line: Line) -> None:
    answer = fill(line, line.ann, opened(line, line.ann), to="other")
    if line.playground.age == "5.37":
        assert "Not started yet. One more step:" in line.told(line.ann)[-1]
    else:
        assert answer["form"]["elements"][0]["name"] == "channel"


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({"quiet": "few"}, "quiet", "no number of messages"),
        ({"quiet": "-3"}, "quiet", "no number of messages"),
        ({"quiet": "10000"}, "quiet", "no number of messages"),
        ({"language": "Klingon"}, "language", "I do not know the language Klingon."),
        ({"window": "year"}, "window", "Please pick one of those"),
        ({"kind": "poem"}, "kind", "Please pick one of those"),
        ({"length": "epic"}, "length", "Please pick one of those"),
        ({"model": "gpt-5"}, "model", "Please pick one of those"),
    ],
)
def test_what_is_wrong_in_the_second_keeps_it_open(line: Line, values: dict[str, str], field: str, why: str) -> None:
    second = further(line, line.ann, opened(line, line.ann))
    kept = errors(fill(line, line.ann, second, **values))
    assert kept.keys() == {field}
    assert why in kept[field]
    assert fill(line, line.ann, second) == {}
    line.settle()
    assert len(digests(line)) == 1


def test_who_presses_the_button_twice_starts_one(line: Line) -> None:
    if line.playground.age != "5.37":
        return
    first = further(line, line.ann, opened(line, line.ann))
    line.playground.click(line.ann, line.playground.ephemerals(line.ann)[-1], "More options")
    second = line.playground.dialogs(line.ann)[-1]
    assert first["dialog"]["state"] != second["dialog"]["state"]
    assert fill(line, line.ann, first) == {}
    assert "was done already" in errors(fill(line, line.ann, second))[""]
    line.settle()
    assert len(digests(line)) == 1


def test_the_button_is_nobody_else_s(line: Line) -> None:
    if line.playground.age != "5.37":
        return
    further(line, line.ann, opened(line, line.ann))
    shown = len(line.playground.dialogs(line.bob))
    line.playground.click(line.bob, line.playground.ephemerals(line.ann)[-1], "More options")
    assert "More options" not in [each["dialog"]["title"] for each in line.playground.dialogs(line.bob)[shown:]]


def test_the_second_is_for_who_had_the_first_and_once(line: Line) -> None:
    second = further(line, line.ann, opened(line, line.ann))
    assert "nothing was changed" in errors(fill(line, line.bob, second))[""]
    assert fill(line, line.ann, second) == {}
    assert "was done already" in errors(fill(line, line.ann, second))[""]
    line.settle()
    assert len(digests(line)) == 1


def test_a_model_is_picked_by_how_people_know_it(line: Line) -> None:
    add(line, "large")
    line.beat()
    second = further(line, line.ann, opened(line, line.ann))
    assert options(second, "model") == {
        "usual": "as usual", "tiny": "tiny · ready", "large": "large · ready", "quotes": "Quotes · built in, only quotes"
    }  # fmt: skip
    assert next(iter(options(second, "model"))) == "usual"


def test_a_dialog_that_lay_open_for_a_day_does_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(line, line.ann)
    monkeypatch.setattr("mmapp.dialogs.LIVES", -301)
    assert "older than 15 minutes" in errors(fill(line, line.ann, dialog))[""]
    assert line.jobs("queued") == 0


# Where it cannot be done at once


def test_who_sends_it_while_no_worker_runs_is_told_so(line: Line) -> None:
    dialog = opened(line, line.ann)
    with line.worker.database.write() as session:
        session.execute(delete(WorkerRecord))
    assert fill(line, line.ann, dialog) == {}
    assert "No worker runs just now. As soon as one does, this will be done" in line.told(line.ann)[-1]


def test_where_the_second_step_cannot_be_offered_the_first_one_stays_open(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    if line.playground.age != "5.37":
        return

    def down(*_: object) -> None:
        raise Unreachable("down", path="/hooks")

    dialog = opened(line, line.ann)
    with monkeypatch.context() as patch:
        patch.setattr(type(line.app.extensions["chorus"].client), "respond", down)
        said = errors(fill(line, line.ann, dialog, more="true", time="09:15"))[""]
        elsewhere = errors(fill(line, line.ann, dialog, to="other"))[""]
    assert "so nothing is started yet" in said
    assert "/ai digest ~town weekdays 09:15 --to me" in said
    assert "/ai digest ~town weekdays 08:30 --to ~CHANNEL" in elsewhere
    assert fill(line, line.ann, dialog, time="09:15") == {}
    assert "on working days at 09:15" in told(line, line.ann)
    assert "was done already" in errors(fill(line, line.ann, dialog, more="false"))[""]


def test_the_first_is_not_sent_again_once_the_second_was(line: Line) -> None:
    first = opened(line, line.ann)
    second = further(line, line.ann, first)
    assert fill(line, line.ann, second) == {}
    assert "was done already" in errors(fill(line, line.ann, first))[""]
    line.settle()
    assert len(digests(line)) == 1
