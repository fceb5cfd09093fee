"""What was said where few read is never shown where others do: by no flag, no link, no sharing, and no further question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import found, summary

SECRET = "swordfish"
KINDS = ("public", "private", "group", "direct", "own")
GROUPS = ("e720529bc89f8aeedaf85d74edb3d5796f7b96b7", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567")
TOLD = f"The plan is called {SECRET}, and nobody else may know it."
WRITTEN = f"The plan is called {SECRET}. [1]\n- Nobody else may know the plan {SECRET} [2]\n"


@dataclass
class Two:
    """What was said in `source` is asked for in `destination`. Ann is in both; of the others one each is in the source
    alone, in the destination alone, in neither, and a guest in the destination."""

    line: Line
    source: Doc
    destination: Doc
    root: Doc
    people: list[Doc]

    def may_read(self, who: Doc) -> bool:
        """As DESIGN's "May read" has it."""
        if self.line.playground.server.member(self.source["id"], who["id"]):
            return True
        return self.source["type"] == "O" and "guest" not in who["roles"]

    def members(self, channel: Doc) -> list[Doc]:
        inside = self.line.playground.server.member
        return [who for who in self.people if inside(channel["id"], who["id"])]

    def shown(self, who: Doc, channel: Doc) -> list[str]:
        """What of the secret the bot has posted in a channel that somebody is in, or told them."""
        posts = self.line.answers(channel) if who in self.members(channel) else []
        return [text for text in (*posts, *self.line.private_answers(who), *self.line.told(who)) if SECRET in text]


def channel(line: Line, kind: str, which: int, people: list[Doc]) -> Doc:
    """One of these people's; the bot is in it where it can be. A direct message has no more than two."""
    ann, *others = people
    if kind == "own":
        return line.direct(ann)
    if kind == "direct":
        return line.playground.direct(ann, others[0])
    if kind == "group":
        return line.playground.add_channel("G", GROUPS[which], members=(*people, line.bot))
    return line.playground.add_channel("O" if kind == "public" else "P", f"place-{which}", members=(*people, line.bot))


@pytest.fixture
def two(database_url: str, age: str, tmp_path: Path, source: str, destination: str) -> Iterator[Two]:
    with Line(database_url, tmp_path / "models", age=age, guests=True) as line:
        dora, guest = line.playground.add_user("dora"), line.playground.add_user("gus", roles="system_guest")
        line.model.repeat = True
        line.model.enqueue(WRITTEN)
        first = channel(line, source, 0, [line.ann, line.bob])
        second = channel(line, destination, 1, [line.ann, line.carol, guest])
        root = line.playground.post_as(line.ann, first, TOLD)
        line.playground.post_as(line.ann, first, "The plan begins on Monday.", root)
        yield Two(line, first, second, root, [line.ann, line.bob, line.carol, dora, guest])
        assert line.playground.server.warnings == []


def everybody_asks(two: Two) -> None:
    """In every way there is: each for themselves, and to have it posted; where they are, and where they were."""
    line, link = two.line, two.line.playground.link(two.root)
    for who in two.members(two.destination):
        for text in (
            f"summarize {link}",
            f"summarize --public {link}",
            f"summarize --public --in {two.source['name']}",
        ):
            line.say(who, text, two.destination)
            line.settle()
            if line.bot["id"] in (one["user_id"] for one in line.playground.server.members(two.destination["id"])):
                line.mention(who, f"@ai {text}", two.destination)
    for who in two.people:
        line.say(who, f"summarize {link}", line.direct(who))
        line.settle()
        for post in line.posts(line.direct(who)):
            share(two, who, post)


def share(two: Two, who: Doc, post: Doc) -> None:
    """Have it posted in the destination, and where it was asked. What one has said to the bot alone is one's own to tell."""
    line = two.line
    if two.source["type"] == "D" or not any(
        button["name"] == "More…" for one in post["props"].get("attachments", ()) for button in one["actions"]
    ):
        return
    for channel_id in (two.destination["id"], ""):
        line.pick(who, line.more(who, post), line.direct(who), what="share", channel=channel_id)
        line.settle()


@pytest.mark.parametrize("destination", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_nobody_is_shown_what_they_may_not_read(two: Two) -> None:
    everybody_asks(two)
    inside = two.members(two.destination)
    for who in two.people:
        if not two.may_read(who):
            assert two.shown(who, two.destination) == [], who["username"]
    if any(SECRET in text for text in two.line.answers(two.destination)):  # else each of them has it alone
        members = {who["username"] for who in two.members(two.source)}
        assert {who["username"] for who in inside} <= members


@pytest.mark.parametrize("destination", ["public"])
@pytest.mark.parametrize("source", ["public", "private", "group", "own"])
def test_who_is_in_both_gets_it_alone_and_reads_why(two: Two) -> None:
    """That nothing is shown anywhere would be no guard but a fault."""
    two.line.say(two.line.ann, f"summarize --public {two.line.playground.link(two.root)}", two.destination)
    two.line.settle()
    assert SECRET in summary(two.line, two.line.ann)
    assert "Not everyone who would read the summary there may read what it is made from" in found(
        two.line, two.line.ann
    )


@pytest.mark.parametrize("kind", ["public", "private", "group"])
def test_where_all_who_read_it_are_in_the_source_it_is_posted(line: Line, kind: str) -> None:
    few = channel(line, kind, 0, [line.ann, line.bob])
    line.model.enqueue(WRITTEN)
    root = line.playground.post_as(line.bob, line.town, TOLD)
    line.playground.post_as(line.bob, line.town, "The plan begins on Monday.", root)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    line.settle()
    assert SECRET in line.answers(few)[0]


def test_another_bot_reads_for_whoever_holds_its_token(line: Line) -> None:
    members = (line.ann, line.bob, line.bot)
    board, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    line.playground.join(line.playground.add_bot("bridge"), few)
    line.model.enqueue(WRITTEN)
    root = line.playground.post_as(line.bob, board, TOLD)
    line.playground.post_as(line.bob, board, "The plan begins on Monday.", root)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    line.settle()
    assert line.answers(few) == []
    assert SECRET in summary(line, line.ann)


def test_somebody_who_joins_between_asking_and_reading_ends_it(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    few = line.playground.add_channel("P", "few", members=(line.ann, line.bob, line.bot))
    root = line.playground.post_as(line.bob, board, TOLD)
    line.playground.post_as(line.bob, board, "The plan begins on Monday.", root)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    line.step("admit")
    line.playground.join(line.carol, few)
    line.settle()
    assert line.model.history == []
    assert line.answers(few) == []
    assert "Somebody has come into that channel who may not read" in found(line, line.ann)


@pytest.mark.parametrize("how", ["post", "command"])
def test_and_one_reads_how_to_ask_for_it_alone(line: Line, how: str) -> None:
    members = (line.ann, line.bob, line.bot)
    board, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    root = line.playground.post_as(line.bob, board, TOLD)
    line.playground.post_as(line.bob, board, "The plan begins on Monday.", root)
    link = line.playground.link(root)
    if how == "post":
        line.playground.post_as(line.ann, few, f"@ai summarize {link}")
        line.hear()
    else:
        line.say(line.ann, f"summarize --public {link}", few)
    line.step("admit")
    line.playground.join(line.carol, few)
    line.settle()
    assert f"Ask again {'with `--private`' if how == 'post' else 'without `--public`'}:" in found(line, line.ann)


def test_who_has_left_the_source_before_it_is_read_gets_nothing(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    root = line.playground.post_as(line.bob, board, TOLD)
    line.playground.post_as(line.bob, board, "The plan begins on Monday.", root)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.step("admit")
    line.playground.remove_member(line.ann, board)
    line.settle()
    assert line.model.history == []
    assert "You are not a member of that channel" in found(line, line.ann)


def test_a_question_alone_about_a_public_channel_is_answered_for_the_team_and_for_no_guest(
    database_url: str, age: str, tmp_path: Path
) -> None:
    with Line(database_url, tmp_path / "models", age=age, guests=True) as line:
        guest = line.playground.add_user("gus", roles="system_guest")
        line.playground.join(guest, line.town)
        harbour = line.playground.add_channel("O", "harbour", members=(line.bob, line.bot))
        link = line.playground.link(line.playground.post_as(line.bob, harbour, TOLD))
        line.ask(guest, f"--private --thread {link} What is planned?")
        assert line.model.history == []
        assert "no such message" in found(line, guest)
        line.ask(line.ann, f"--private --thread {link} What is planned?", answer="Much.")
        assert TOLD in line.prompt()
        assert "Much." in line.private_answers(line.ann)[-1]


def test_who_is_put_out_of_the_team_before_a_question_is_answered_reads_nothing_of_its_public_channels(
    line: Line,
) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.bob, line.bot))
    link = line.playground.link(line.playground.post_as(line.bob, harbour, TOLD))
    line.say(line.ann, f"ask --private --thread {link} What is planned?")
    line.step("admit")
    line.playground.store.drop("team_member", f"{line.team['id']}:{line.ann['id']}")
    line.settle()
    assert line.model.history == []
