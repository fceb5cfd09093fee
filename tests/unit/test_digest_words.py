"""What stands behind `/ai digest`, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmapp.commands.digest_words import Typed, checked, command, is_meant
from mmapp.errors import Faults, Refused


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("~ops weekdays 08:30", {"what": "~ops", "when": "workdays", "time": "08:30"}),
        ("~ops, ~planning and ~town daily at 8.30", {"what": "~ops ~planning ~town", "when": "daily", "time": "08:30"}),
        ("~ops daily 8:30 pm", {"what": "~ops", "when": "daily", "time": "20:30"}),
        ("~ops daily at 12:05AM", {"what": "~ops", "when": "daily", "time": "00:05"}),
        ("~ops daily 12pm", {"what": "~ops", "when": "daily", "time": "12:00"}),
        ("~ops hourly :15", {"what": "~ops", "when": "hourly", "time": ":15"}),
        ("every Monday 8:30 ~ops", {"what": "~ops", "when": "mon", "time": "08:30"}),
        ("~ops fridays, tuesday 17:00", {"what": "~ops", "when": "tue,fri", "time": "17:00"}),
        ("~ops Wed Thurs 17:00", {"what": "~ops", "when": "wed,thu", "time": "17:00"}),
        ("here on working days 08:30", {"what": "here", "when": "workdays", "time": "08:30"}),
        ("~ops on the first of the month 9:00", {"what": "~ops", "when": "monthly", "time": "09:00"}),
        ("~ops once a week 9:00", {"what": "~ops", "when": "weekly", "time": "09:00"}),
        ("~ops every hour", {"what": "~ops", "when": "hourly"}),
        ("~ops daily 08:30 Asia/Kathmandu", {"what": "~ops", "when": "daily", "time": "08:30", "zone": "Asia/Kathmandu"}),
        ("~ops daily 8:30 --zone europe/berlin", {"what": "~ops", "when": "daily", "time": "08:30", "zone": "Europe/Berlin"}),
        ("~ops --cron \"30 8 * * 1-5\"", {"what": "~ops", "cron": "30 8 * * 1-5"}),
        ("~ops —cron “30 8 * * 7”", {"what": "~ops", "cron": "30 8 * * 7"}),
        ("--cron 30 8 * * 1-5 ~ops", {"what": "~ops", "cron": "30 8 * * 1-5"}),
        ("--cron 0 8 1,15 * * --to here", {"to": "here", "cron": "0 8 1,15 * *"}),
        ("~ops --to ~Town daily 8:30", {"what": "~ops", "when": "daily", "time": "08:30", "to": "~town"}),
        ("~ops --to town daily 8:30", {"what": "~ops", "when": "daily", "time": "08:30", "to": "~town"}),
        (
            "--window day --kind Actions --length short --language de --model Tiny --quiet 0 ~ops",
            {"what": "~ops", "window": "day", "kind": "actions", "length": "short", "language": "German", "model": "tiny",
             "quiet": "0"},
        ),
        ("", {}),
    ],
)  # fmt: skip
def test_fields_are_understood_in_any_order(typed: str, said: dict[str, str]) -> None:
    assert checked(Typed.of(typed)) == said


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("~ops sometimes", "I do not understand `sometimes`"),
        ("~ops 8:30xm", "I do not understand `8:30xm`"),
        ("ops daily 08:30", "I do not understand `ops`"),
        ("~ops daily weekly 08:30", "contradict each other"),
        ("~ops daily 08:30 09:30", "contradict each other"),
        ("~ops monday weekdays 08:30", "contradict each other"),
        ('~ops daily --cron "30 8 * * *"', "contradict each other"),
        ("~ops daily 08:30 --quite 3", "Did you mean `--quiet`?"),
        ("~ops daily 08:30 --quiet", "`--quiet` needs a value"),
        ("~ops " + "daily " * 300, "at most 1,000"),
    ],
)
def test_what_is_not_understood_is_named(typed: str, why: str) -> None:
    with pytest.raises(Refused) as raised:
        Typed.of(typed)
    assert why in raised.value.sentence


@pytest.mark.parametrize(
    ("said", "name", "why"),
    [
        ({"time": "25:00"}, "time", "There is no `25:00`."),
        ({"time": "08:60"}, "time", "There is no `8:60`."),
        ({"time": "17:30 pm"}, "time", "There is no `17:30 pm`."),
        ({"time": "0:30 am"}, "time", "There is no `0:30 am`."),
        ({"time": "half past eight"}, "time", "is no time of day"),
        ({"time": "8"}, "time", "is no time of day"),
        ({"time": "08:30 Mars/Olympus"}, "time", "There is no time zone `Mars/Olympus`."),
        ({"time": "08:30 Kathmando"}, "time", "Did you mean `Asia/Kathmandu`"),
        ({"zone": "Europe"}, "zone", "There is no time zone `Europe`."),
        ({"zone": "../../etc/passwd"}, "zone", "There is no time zone"),
        ({"cron": "* * * * *"}, "cron", "more than once an hour"),
        ({"cron": "0,30 8 * * *"}, "cron", "more than once an hour"),
        ({"cron": "30 8 30 2 *"}, "cron", "a date that never comes"),
        ({"cron": "30 25 * * *"}, "cron", "a time of day that there is not"),
        ({"cron": "30 8 1 * 1"}, "cron", "a day of the month and one of the week"),
        ({"cron": "daily"}, "cron", "It has five parts"),
        ({"window": "month"}, "window", "`last`, `day` and `week`"),
        ({"kind": "poem"}, "kind", "is not known"),
        ({"length": "epic"}, "length", "is not known"),
        ({"language": "Klingon"}, "language", "I do not know the language `Klingon`"),
        ({"quiet": "few"}, "quiet", "from 0 (never skipped) to 1,000"),
        ({"quiet": "-1"}, "quiet", "from 0"),
        ({"quiet": "1001"}, "quiet", "from 0"),
        ({"what": ", ,"}, "what", "Which channels?"),
        ({"what": " ".join(f"~c{number}" for number in range(11))}, "what", "At most 10 channels"),
        ({"what": "~" + "x" * 65}, "what", "Which channels?"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(said: dict[str, str], name: str, why: str) -> None:
    with pytest.raises(Faults) as raised:
        checked(said)
    assert raised.value.by_element.keys() == {name}
    assert why in raised.value.by_element[name]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ({"time": "０８：３０"}, "08:30"),
        ({"time": " 8:30  europe/berlin"}, "08:30"),
        ({"time": "08:30 berlin"}, "08:30"),
        ({"time": "00:00"}, "00:00"),
        ({"time": "23:59"}, "23:59"),
    ],
)
def test_a_time_is_taken_as_people_write_it(typed: dict[str, str], meant: str) -> None:
    assert checked(typed)["time"] == meant


@pytest.mark.parametrize("typed", ["europe/berlin", "Berlin", "berlin", "Europe/Berlin"])
def test_a_zone_is_known_by_its_place(typed: str) -> None:
    assert checked({"zone": typed}) == {"zone": "Europe/Berlin"}
    assert checked({"time": f"08:30 {typed}"}) == {"time": "08:30", "zone": "Europe/Berlin"}


@pytest.mark.parametrize("quiet", ["0", "5", "1000", "5.0"])
def test_a_number_of_messages_is_a_whole_one(quiet: str) -> None:
    assert checked({"quiet": quiet})["quiet"] == str(round(float(quiet)))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("list", True),
        ("pause 3", True),
        ("show #3", True),
        ("edit 3 09:00", True),
        ("~ops weekdays 08:30", True),
        ("weekdays 08:30", True),
        ("--cron", True),
        ("~ops whenever you like", True),
        ("the flow in hall 7 for me", False),
        ("run into trouble with the pump?", False),
        ("monday was bad, why?", False),
        ("list all pumps", False),
    ],
)
def test_a_mention_is_a_digest_where_its_words_are_of_one(words: str, meant: bool) -> None:
    assert is_meant(words) is meant


@pytest.mark.parametrize(
    "typed",
    [
        "~ops ~planning weekdays 08:30 --to ~town --window day --quiet 0",
        "~ops mon wed 17:00 --zone Asia/Kathmandu",
        '~ops --cron "30 8 * * 1-5" --kind actions --length short',
        "here hourly --model tiny --language German",
    ],
)
def test_what_is_given_back_says_the_same(typed: str) -> None:
    said = checked(Typed.of(typed))
    given_back = command("create", 0, said).removeprefix("digest ")
    assert checked(Typed.of(given_back)) == said


@given(st.text(max_size=200))
def test_no_words_are_too_strange(words: str) -> None:
    is_meant(words)
    try:
        checked(Typed.of(words))
    except (Refused, Faults):
        return
