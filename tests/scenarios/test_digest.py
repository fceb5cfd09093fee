"""`/ai digest` as it is typed: a new one in one line, and what is done with those that there are, sentence by sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mmapp.jobs import lanes
from mmapp.listen.listener import Listener
from mmapp.models import Digest, Installation, Job
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.conftest import Kept
from tests.scenarios.digesting import digest
from tests.scenarios.ordering import THURSDAY, digests, fill, only, opened, posted, stand_still, tick, told, typed
from tests.scenarios.summaries import WRITTEN, talk
from tests.scenarios.test_times import lives_in

KATHMANDU = "Asia/Kathmandu"  # 5:45 hours from UTC


@pytest.fixture(autouse=True)
def at_noon(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday 26 November 2026, 12:00 in UTC; ann lives in Kathmandu."""
    stand_still(line, monkeypatch)
    lives_in(line, line.ann, KATHMANDU)


@pytest.fixture
def ops(line: Line) -> Doc:
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot), display_name="Operations")


# A new one


def test_it_says_what_was_started_and_its_next_three_times(line: Line, ops: Doc) -> None:
    said = typed(line, line.ann, "~ops ~town weekdays 08:30")
    assert "Digest **#1** is set up: `~ops` and `~town`, to you alone, on working days at 08:30." in said
    assert "Tomorrow, Friday 27 November, 08:30 · Monday 30 November, 08:30 · Tuesday 1 December, 08:30" in said
    assert f"08:30 ({KATHMANDU})." in said
    assert "`/ai digest edit 1` changes it" in said
    assert "scheduler" not in said
    made = only(line)
    assert (made.person_id, made.to_channel, made.state) == (line.ann["id"], "", "active")
    assert made.channels == [ops["id"], line.town["id"]]
    assert made.next_at == datetime(2026, 11, 27, 2, 45, tzinfo=UTC)
    assert (made.next_key, made.zone) == ("2026-11-27T08:30", KATHMANDU)


def test_the_first_one_goes_back_as_far_as_from_one_to_the_next(line: Line) -> None:
    assert "tells of what was said since today, Thursday 26 November, 08:30." in typed(line, line.ann, "weekdays 08:30")
    typed(line, line.ann, "every monday 08:30")
    typed(line, line.ann, "hourly")
    since = [datetime.fromtimestamp(one.read_until / 1000, UTC) for one in digests(line)]
    assert since == [
        datetime(2026, 11, 26, 2, 45, tzinfo=UTC),
        datetime(2026, 11, 23, 2, 45, tzinfo=UTC),
        datetime(2026, 11, 26, 11, 15, tzinfo=UTC),  # 17:00 there; the next is at 18:00
    ]


def test_a_channel_is_known_by_name_id_or_as_people_see_it(line: Line, ops: Doc) -> None:
    for number, named in enumerate((ops["id"], "~ops", "~OPS", "~operations"), 1):
        assert "`~ops`" in typed(line, line.ann, f"{named} daily 0{number}:00")
    assert {tuple(one.channels) for one in digests(line)} == {(ops["id"],)}


def test_without_a_channel_it_is_of_the_one_where_it_is_typed(line: Line) -> None:
    assert "`~town`, to you alone" in typed(line, line.ann, "daily 08:30")


@pytest.mark.parametrize(
    ("words", "when", "cron"),
    [
        ("every friday 17:00", "every Friday at 17:00", "0 17 * * fri"),
        ("mon wed 9:05", "on Monday and Wednesday at 09:05", "5 9 * * mon,wed"),
        ("weekly 9:00", "every Thursday at 09:00", "0 9 * * thu"),
        ("monthly 9:00", "on the first of the month at 09:00", "0 9 1 * *"),
        ("hourly", "every hour, on the hour", "0 * * * *"),
        ('--cron "30 8 * * 0"', "every Sunday at 08:30", "30 8 * * sun"),
        ('--cron "30 8 * * 7"', "every Sunday at 08:30", "30 8 * * sun"),
        ('--cron "30 8 * * 1-5"', "on working days at 08:30", "30 8 * * mon,tue,wed,thu,fri"),
        ('--cron "0 9 1,15 * *"', "as `0 9 1,15 * *` says", "0 9 1,15 * *"),
    ],
)
def test_when_it_comes_is_said_in_words(line: Line, words: str, when: str, cron: str) -> None:
    assert f"to you alone, {when}." in typed(line, line.ann, words)
    assert only(line).line == cron


def test_weekly_is_the_day_that_it_is_where_its_person_lives(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(line, monkeypatch, datetime(2026, 11, 26, 20, 0, tzinfo=UTC))  # Friday in Kathmandu
    assert "every Friday at 09:00" in typed(line, line.ann, "weekly 9:00")


def test_how_it_is_told_is_kept(line: Line) -> None:
    how = "--window day --kind actions --length short --language de --model tiny --quiet 0 --zone europe/berlin"
    assert "08:30 (Europe/Berlin)" in typed(line, line.ann, f"daily 08:30 {how}")
    made = only(line)
    assert (made.window, made.kind, made.length, made.language) == ("day", "actions", "short", "German")
    assert (made.model, made.quiet, made.zone) == ("tiny", 0, "Europe/Berlin")


def test_whose_profile_names_no_zone_is_told_that_it_is_utc(line: Line) -> None:
    said = typed(line, line.bob, "daily 08:30")
    assert "08:30 (UTC)" in said
    assert "`/ai digest edit 1 --zone Europe/Berlin` takes another" in said
    assert "takes another" not in typed(line, line.bob, "daily 09:30 --zone UTC")


def test_where_no_scheduler_has_looked_for_a_minute_it_says_that_nothing_will_come(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "scheduler" not in typed(line, line.ann, "daily 08:00")
    for number, minutes in enumerate((2, -2)):  # the clock may have been set back as well
        stand_still(line, monkeypatch, THURSDAY + timedelta(minutes=minutes))
        with line.worker.database.write() as session:
            session.scalars(select(Installation)).one().ticked_at = THURSDAY
        assert "No scheduler runs just now, so nothing will come" in typed(line, line.ann, f"daily 1{number}:30")
    tick(line)
    assert "scheduler" not in typed(line, line.ann, "daily 09:00")


def test_without_a_worker_it_says_that_it_will_be_done(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmapp.jobs.waiting.ALIVE", timedelta(seconds=-1))
    assert (
        "No worker runs just now. As soon as one does, this will be done"
        in line.say(line.ann, "digest daily 08:30").text
    )
    line.settle()
    assert only(line).state == "active"


def test_the_same_a_second_time_is_there_already(line: Line) -> None:
    typed(line, line.ann, "daily 08:30")
    assert "You have that digest already: it is #1." in typed(line, line.ann, "every day 8:30")
    assert len(digests(line)) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("daily 25:00", "There is no `25:00`."),
        ("daily 08:30 Mars/Olympus", "There is no time zone `Mars/Olympus`."),
        ('--cron "* * * * *"', "more than once an hour"),
        ('--cron "0,30 8 * * *"', "more than once an hour"),
        ('--cron "30 8 30 2 *"', "a date that never comes"),
        ('--cron "30 25 * * *"', "a time of day that there is not"),
        ('--cron "30 8 1 * 1"', "a day of the month and one of the week"),
        ('--cron "every day"', "It has five parts"),
        ("daily 08:30 --quiet lots", "no number of messages"),
        ("daily 08:30 --language Klingon", "I do not know the language"),
        ("daily 08:30 --kind poem", "is not known"),
        ("daily 08:30 --model gpt-5", "There is no model `gpt-5` here."),
        ("daily 08:30 sometimes", "I do not understand `sometimes`."),
        ("remove it", "a number and nothing more"),
        ("list 3", "Behind `/ai digest list` stands nothing more."),
        ("pause 99999999999999", "There is no digest #"),
    ],
)
def test_what_is_wrong_is_said_at_once_and_given_back(line: Line, words: str, why: str) -> None:
    said = line.say(line.ann, f"digest {words}").text
    assert why in said
    assert f"```\n/ai digest {words}\n```" in said
    assert line.jobs("queued") == 0


def test_a_channel_that_is_not_there_is_said_with_the_command_to_put_right(line: Line) -> None:
    said = typed(line, line.ann, "~nowhere ~town weekdays 08:30 --quiet 3")
    assert "There is no channel `~nowhere` that you and ai can both read." in said
    assert "```\n/ai digest ~nowhere ~town weekdays 08:30 --quiet 3\n```" in said
    assert digests(line) == []


@pytest.mark.parametrize("whose", ["ann", "bob"])
def test_there_are_twenty_at_the_most_of_a_person_and_in_a_channel(line: Line, whose: str) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    for hour in range(20):
        digest(line, getattr(line, whose), [line.town], line.town, line=f"0 {hour} * * *")
    said = typed(line, line.ann, "daily 23:30 --to here")
    assert ("You have 20 digests" if whose == "ann" else "20 digests are posted in that channel") in said
    assert "/ai digest here daily 23:30 --to here" in said
    with line.worker.database.write() as session:
        session.get_one(Digest, 1).state = "removed"
    assert "**#21** is set up" in typed(line, line.ann, "daily 23:30 --to here")


def test_a_worker_that_was_thought_dead_starts_no_second_one(line: Line) -> None:
    line.say(line.ann, "digest daily 08:30")
    claimed = line.claim("admit")
    assert claimed is not None
    expire(line)
    line.settle()
    lanes.do(line.worker, claimed)
    assert len(digests(line)) == 1


# Looking


def test_a_list_has_one_s_own_and_those_that_are_posted_where_it_is_asked(line: Line, ops: Doc) -> None:
    assert "You have no digest yet." in typed(line, line.ann, "list")
    digest(line, line.ann, [ops], line="30 8 * * *", zone=KATHMANDU)
    digest(line, line.bob, [line.town], line.town, line="0 18 * * fri")
    digest(line, line.bob, [line.town], line="0 7 * * *")
    said = typed(line, line.ann, "list")
    assert "**#1** `~ops`, to you alone, every day at 08:30 (Asia/Kathmandu) – next: tomorrow, Friday 27" in said
    assert "**#2** `~town`, posted in `~town`, every Friday at 18:00 (UTC), by **bob** – next: tomorrow" in said
    assert "#3" not in said
    assert "#2" not in typed(line, line.ann, "list", ops)


def test_a_list_says_which_are_paused_and_why(line: Line) -> None:
    digest(line, line.ann, [line.town])
    typed(line, line.ann, "pause")
    assert "– **paused**: somebody has paused it" in typed(line, line.ann, "list")


def test_show_tells_all_of_one(line: Line) -> None:
    talk(line)
    typed(line, line.ann, "weekdays 08:30 --kind actions --quiet 3")
    line.model.enqueue(WRITTEN)
    typed(line, line.ann, "run")
    line.playground.post_as(line.bob, line.town, "One more thing.")
    said = typed(line, line.ann, "show")
    assert "**When:** on working days at 08:30 (Asia/Kathmandu)" in said
    assert "**Tells of:** everything since the last one" in said
    assert "**Written:** actions, medium" in said
    assert "skipped with fewer than 3 messages" in said
    assert "**Last:** today, Thursday 26 November, 17:45" in said
    assert "**So far:** 1 posted" in said
    assert "**Waiting:** 1 message\n" in said


# Which one


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "run", "preview", "remove", "edit"])
def test_without_a_number_it_is_the_only_one_or_it_is_asked_which(line: Line, verb: str) -> None:
    assert "You have no digest yet." in typed(line, line.ann, verb)
    digest(line, line.ann, [line.town])
    digest(line, line.ann, [line.town], line="0 10 * * *")
    digest(line, line.bob, [line.town])
    assert "Which one? You have #1, #2." in typed(line, line.ann, verb)
    assert "There is no digest #7 that you can look at or change here." in typed(line, line.ann, f"{verb} 7")


# By a mention


def test_a_mention_starts_one_in_one_line_and_once(line: Line, ops: Doc) -> None:
    said = posted(line, line.ann, "~ops weekdays 08:30")
    assert "Digest **#1** is set up: `~ops`, to you alone, on working days at 08:30." in said
    line._heard = 0
    line.hear(Listener(line.listener._ear))  # another one hears the same
    line.settle()
    assert len(digests(line)) == 1
    assert len(line.private_answers(line.ann)) == 1
    assert "is paused" in posted(line, line.ann, "pause 1")
    assert "**#1**" in posted(line, line.ann, "list")


def test_a_mention_that_says_too_little_is_told_how(line: Line) -> None:
    for words in ("", "~town weekdays", "edit"):
        assert "Say it all in one line, for example `@ai digest ~ops" in posted(line, line.ann, words)


def test_what_is_wrong_in_a_mention_is_said_alone(line: Line) -> None:
    assert "There is no `25:00`." in posted(line, line.ann, "~town daily 25:00")
    assert line.answers() == []


def test_a_question_that_begins_so_is_a_question(line: Line) -> None:
    line.mention(line.ann, "@ai digest the flow in hall 7 for me", answer="It flows.")
    assert "It flows." in line.answers()[-1]


# Where it is typed


def test_in_a_direct_message_channels_are_named(line: Line, ops: Doc) -> None:
    direct = line.direct(line.ann)
    assert "`~ops`, to you alone" in typed(line, line.ann, "~ops daily 08:30", direct)
    assert "There is no channel here to tell of." in typed(line, line.ann, "here daily 08:30", direct)
    assert "Nothing can be posted here: this is no channel." in typed(
        line, line.ann, "~ops daily 9:00 --to here", direct
    )
    dialog = opened(line, line.ann, "daily 08:30", direct)
    assert [one["value"] for one in dialog["dialog"]["elements"][1]["options"]] == ["me", "other"]


def test_in_a_group_message_too(line: Line, ops: Doc) -> None:
    group = line.playground.add_channel("G", "ab" * 20, members=(line.ann, line.bob, line.bot))
    assert "There is no channel here to tell of." in typed(line, line.ann, "here daily 08:30", group)
    assert "`~ops`, to you alone" in typed(line, line.ann, "~ops daily 08:30", group)


def test_a_verb_with_a_slip_is_put_right(line: Line) -> None:
    assert "Did you mean `/ai digest`?" in line.say(line.ann, "digst").text


def test_to_set_one_up_takes_nothing_from_anybody_s_day(line: Line) -> None:
    for hour in range(3):
        typed(line, line.ann, f"daily 0{hour}:00")
    with line.worker.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == "admit")) == 0


def test_its_words_are_kept_from_logs(line: Line, log: Kept) -> None:
    typed(line, line.ann, "~town weekdays 08:30 --language de")
    typed(line, line.ann, "~nowhere weekdays 08:30")
    assert "'doing': 'create'" in str(log.lines)
    assert not re.search("town|nowhere|German|08:30", str(log.lines))


@pytest.mark.parametrize(
    ("words", "meant"),
    [("3", "show 3"), ("#3", "show 3"), ("delete 1", "remove 1"), ("stop 1", "remove 1"), ("cancel", "remove")],
)
def test_what_is_called_otherwise_is_named(line: Line, words: str, meant: str) -> None:
    assert f"Do you mean `/ai digest {meant}`?" in line.say(line.ann, f"digest {words}").text


def test_hours_of_twelve_are_understood(line: Line) -> None:
    assert "every day at 20:30" in typed(line, line.ann, "daily 8:30 pm")
    assert fill(line, line.ann, opened(line, line.ann), time="9 PM") == {}
    assert "on working days at 21:00" in told(line, line.ann)
