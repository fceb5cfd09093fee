"""A bot whose token Mattermost refuses, or that the settings name no more: the others go on, and nobody waits in vain."""

from __future__ import annotations

import asyncio

import pytest

from mmapp.errors import BotRefused
from mmapp.jobs import marks, queue
from mmapp.listen import listener
from mmapp.listen.listener import Listener
from tests.doctor import Doctor
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.conftest import Kept
from tests.scenarios.switching import ten_minutes_later
from tests.scenarios.test_delete import SECRET, do_all, kept
from tests.scenarios.test_revoked_token import restart
from tests.scenarios.test_several_bots import BOTH, first_lines


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


def without(line: Line, guide: Doc) -> None:
    """The settings name this bot no more, and everything was started anew."""
    tokens = tuple(pair for pair in line.settings.bot_tokens if pair[0] != guide["username"])
    restart(line, line.settings.model_copy(update={"bot_tokens": tokens}))


def told_by_main(line: Line) -> str:
    """What ann was told by the main bot, alone."""
    shown = [post["message"] for post in line.playground.ephemerals(line.ann) if post["user_id"] == line.bot["id"]]
    return "\n".join([*shown, *line.private_answers(line.ann)])


def test_a_question_to_a_bot_that_is_gone_ends_with_a_sentence_by_the_main_one(line: Line, guide: Doc) -> None:
    line.playground.post_as(line.ann, line.town, "@guide why?")
    line.hear()
    without(line, guide)
    line.settle()
    assert "guide no longer answers here" in told_by_main(line)
    assert line.answers(bot=guide) == []
    assert line.jobs("queued") == 0


def test_what_a_bot_that_is_gone_had_written_is_its_asker_s_all_the_same(line: Line, guide: Doc) -> None:
    line.model.enqueue("It ran dry.")
    line.playground.post_as(line.ann, line.town, "@guide why?")
    line.hear()
    line.step("admit")
    line.step("model:tiny")
    without(line, guide)
    line.settle()
    assert "guide no longer answers here" in told_by_main(line)
    assert "It ran dry." in told_by_main(line)
    assert line.answers(bot=guide) == []


def test_the_words_so_far_of_a_bot_that_is_gone_are_told_once(line: Line, guide: Doc) -> None:
    line.playground.post_as(line.ann, line.town, "@guide why?")
    line.hear()
    line.step("admit")
    claimed = line.claim("model:tiny")
    assert claimed
    queue.retry(line.worker.database, claimed, 0, words="It ran")
    without(line, guide)
    line.settle()
    assert told_by_main(line).count("no longer answers here") == 1
    assert "It ran" in told_by_main(line)


def test_what_was_deleted_meanwhile_is_told_to_nobody(line: Line, guide: Doc) -> None:
    line.model.enqueue(f"It is {SECRET}.")
    line.playground.post_as(line.ann, line.town, "@guide why?")
    line.hear()
    line.step("admit")
    line.step("model:tiny")
    line.say(line.ann, "delete")
    without(line, guide)
    do_all(line)
    assert SECRET not in told_by_main(line)
    assert SECRET not in kept(line)


@pytest.mark.parametrize("kind", ["invited", "leave"])
def test_who_had_invited_a_bot_that_is_gone_reads_of_no_question(listed: Line, kind: str) -> None:
    guide = listed.others["guide"]
    listed.playground.add_member(guide, listed.secret, by=listed.ann)
    listed.hear()
    if kind == "leave":
        listed.settle()
    without(listed, guide)
    ten_minutes_later(listed)
    assert told_by_main(listed) == ""
    assert (listed.jobs("queued"), listed.jobs("failed")) == (0, 1)


def test_the_posts_of_a_bot_that_is_gone_stay_and_its_words_are_deleted(line: Line, guide: Doc) -> None:
    line.mention(line.ann, f"@guide is it {SECRET}?", answer=f"It is {SECRET}.")
    without(line, guide)
    line.say(line.ann, f"delete {line.playground.link(line.posts(bot=guide)[0])}")
    do_all(line)
    assert SECRET not in kept(line)
    assert len(line.posts(bot=guide)) == 1
    assert "Its posts stay, as guide no longer answers here" in "\n".join([*line.told(line.ann), told_by_main(line)])


@pytest.mark.parametrize("other_name", [False, True])
def test_a_bot_that_mattermost_does_not_accept_keeps_the_others_from_nothing(
    line: Line, guide: Doc, log: Kept, *, other_name: bool
) -> None:
    line.playground.post_as(line.ann, line.town, "@guide why?")
    line.hear()
    if other_name:
        line.playground.change_user(guide, username="helper")
    else:
        line.playground.revoke(guide)
    restart(line, line.settings)
    line.worker.bots.welcome()
    assert sum("a bot does nothing until Mattermost accepts it" in each for each in log.lines) == 1
    line.ask(line.ann, "Why?", answer="It ran dry.")
    assert len(line.answers()) == 1
    assert line.jobs("queued") == 1  # nothing is lost

    line.playground.change_user(guide, username="guide")
    line.playground.restore(guide)
    line.worker.bots.welcome()
    line.model.enqueue("Its filter was blocked.")
    line.hurry()
    line.settle()
    assert first_lines(line.answers(bot=guide)) == ["Its filter was blocked."]


def test_the_hourglass_of_a_bot_that_is_not_accepted_waits_for_it_and_keeps_no_other(
    line: Line, guide: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "MOST", 1)
    post = line.mention(line.ann, BOTH, answer="It ran dry.")
    line.playground.revoke(guide)
    marks.take_away(line.worker)
    restart(line, line.settings)
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == [("guide", marks.EMOJI)]
    line.playground.restore(guide)
    line.worker.bots.welcome()
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == []


def test_what_nobody_foresaw_of_one_ear_keeps_no_other_from_hearing(
    line: Line, guide: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    async def listen(self: Listener) -> None:
        begun.append(self._ear.bot)
        if self._ear.bot == "ai":
            raise ValueError("of nobody's making")
        await asyncio.Event().wait()

    async def until_it_failed_thrice() -> None:
        listening = asyncio.create_task(listener._listen(line.settings))
        while begun.count("ai") < 3 or guide["username"] not in begun:
            await asyncio.sleep(0.01)
        listening.cancel()

    monkeypatch.setattr(listener, "RETRY_EVERY", 0.01)
    monkeypatch.setattr(Listener, "listen", listen)
    asyncio.run(until_it_failed_thrice())
    assert begun.count("guide") == 1


def test_without_the_main_bot_no_worker_starts(line: Line) -> None:
    line.playground.revoke("ai")
    with pytest.raises(BotRefused, match="does not accept the token of the bot ai"):
        restart(line, line.settings)


# What the doctor says of it


def test_the_doctor_looks_at_each_bot_by_its_own_token(doctor: Doctor) -> None:
    found = doctor.visit()
    assert found.worst == {}
    assert "the token of the bot guide" in found.what("other bots")


def test_the_doctor_names_the_token_of_another_bot_that_is_refused(doctor: Doctor) -> None:
    doctor.line.playground.revoke("guide")
    found = doctor.visit()
    assert found.worst == {"other bots": "fault"}
    assert "does not accept the token of the bot guide" in found.what("other bots")


def test_the_doctor_looks_at_the_others_though_the_main_bot_is_refused(doctor: Doctor) -> None:
    doctor.line.playground.revoke("ai")
    doctor.line.playground.change_user("guide", username="helper")
    found = doctor.visit()
    assert found.faults == {"token", "other bots"}
    assert "calls the bot guide, and the token belongs to helper" in found.what("other bots")


def test_the_doctor_names_a_bot_that_nobody_can_address(doctor: Doctor) -> None:
    line = doctor.line
    line.playground.store.drop("team_member", f"{line.team['id']}:{line.others['guide']['id']}")
    found = doctor.visit()
    assert found.worst == {"other bots": "fault"}
    assert "guide is in none of the teams" in found.what("other bots")
