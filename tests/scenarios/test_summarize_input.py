"""What people type behind `/ai summarize`: each slip has a sentence of its own, and no model is asked for any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmapp.chat import read
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, summary, talk, typed_in
from tests.scenarios.switching import is_inside, switch
from tests.scenarios.test_places import post_to_app

NO_SUCH = "There is no such message that you and I can both read."
NOBODY = "a" * 26


def told(line: Line, who: Doc, text: str, channel: Doc | None = None) -> str:
    """Type `/ai summarize …` where no summary comes of it; the last thing that its person was told."""
    before = len(line.told(who)), len(line.private_answers(who))
    said = line.say(who, f"summarize {text}", channel).text
    line.settle()
    assert line.model.history == []
    return "\n".join([said, *line.told(who)[before[0] :], *line.private_answers(who)[before[1] :]])


# No such post, or no right to read it


@pytest.mark.parametrize("which", ["made up", "deleted", "of a private channel", "of somebody's direct message"])
def test_a_message_that_is_not_there_and_one_that_may_not_be_read_are_told_in_the_same_words(
    line: Line, which: str
) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bot))
    post: Doc | str = NOBODY
    if which == "deleted":
        post = line.playground.post_as(line.ann, line.town, "The pump stopped.")
        line.playground.delete(line.ann, post)
    elif which == "of a private channel":
        post = talk(line, line.playground.add_channel("P", "all", members=(line.ann, line.bob, line.carol, line.bot)))
        line.playground.remove_member(line.bob, line.playground.post(post)["channel_id"])
    elif which == "of somebody's direct message":
        post = line.playground.post_as(line.ann, line.direct(line.ann), "Am I to be dismissed?")
    assert NO_SUCH in told(line, line.bob, line.playground.link(post))
    assert line.playground.posts(board) == []


def test_a_guest_does_not_read_a_public_channel_that_he_was_not_let_into(
    database_url: str, age: str, tmp_path: Path
) -> None:
    with Line(database_url, tmp_path / "models", age=age, guests=True) as line:
        guest = line.playground.add_user("gus", roles="system_guest")
        line.playground.join(guest, line.town)
        harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
        assert NO_SUCH in told(line, guest, line.playground.link(talk(line, harbour)))


def test_a_link_to_another_server_is_told_as_one(line: Line) -> None:
    assert "That link is to another server." in told(line, line.ann, f"https://other.example/eng/pl/{NOBODY}")


def test_more_links_than_are_read_at_once_are_refused(line: Line) -> None:
    links = " ".join([f"{line.playground.url}/eng/pl/{NOBODY}"] * 21)
    assert "at most 20 links" in told(line, line.ann, links)


@pytest.mark.parametrize("which", ["a reply", "of another channel", "deleted", "made up"])
def test_a_root_that_a_client_has_made_up_is_neither_read_nor_answered_in(line: Line, which: str) -> None:
    root = talk(line)
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bot))
    forged = {
        "a reply": line.playground.thread(root)[1]["id"],
        "of another channel": line.playground.post_as(line.ann, harbour, "The crane is stuck.")["id"],
        "deleted": line.playground.post_as(line.ann, line.town, "Gone.")["id"],
        "made up": NOBODY,
    }[which]
    if which == "deleted":
        line.playground.delete(line.ann, forged)
    two = f"{line.playground.link(root)} {line.playground.link(line.playground.post_as(line.bob, line.town, 'Hm.'))}"
    for text in ("summarize", "summarize --public channel", f"summarize --public {two}"):
        post_to_app(line, line.ann, text, forged)
        line.settle()
    assert line.model.history == []
    assert line.answers() == line.answers(harbour) == []
    assert found(line, line.ann).count(NO_SUCH) == 3


# Times


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--since 2026-02-30", "There is no `2026-02-30`."),
        ('--since "2026-02-20 25:10"', "There is no `25:10`."),
        ("--since 25:99", "There is no `25:99`. Please check the time of day"),
        ("--until 9999-12-31", "There is no `9999-12-31`."),
        ("--since soon", "`soon` is no time that I understand."),
        ("--until unread", "`unread` is no time that I understand."),
        ("--since 24h --until 3d", "That time ends before it begins."),
        ("--since 2099-01-01", "There is no message in that time"),
    ],
)
def test_a_time_that_nobody_can_mean_is_told_as_what_it_is(line: Line, flags: str, sentence: str) -> None:
    talk(line)
    text = told(line, line.ann, f"channel {flags}")
    assert sentence in text
    assert f"/ai summarize channel {flags}" in text


def test_until_some_time_without_a_beginning_is_the_day_before_it(line: Line) -> None:
    line.playground.advance(-40 * 86_400)
    line.playground.post_as(line.bob, line.town, "ANCIENT history of the town and its harbour.")
    line.playground.advance(40 * 86_400)
    talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel --until now")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert "ANCIENT" not in line.prompt()


def test_a_day_and_its_time_are_one_also_without_quotes(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel --since yesterday 14:30 what about the pods?")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert line.prompt().endswith("Above all: what about the pods?")


def test_a_time_in_which_nothing_was_said_is_told_so(line: Line) -> None:
    line.playground.advance(-7_200)
    talk(line)
    line.playground.advance(7_200)
    assert "There is no message in that time" in told(line, line.ann, "channel --since 1h")


def test_nothing_by_that_person_is_told_by_name(line: Line) -> None:
    talk(line)
    line.playground.add_user("dora")
    assert "There is no message by `@dora` in that time" in told(line, line.ann, "channel --from @dora")
    assert "There is nobody called `nobody` here." in told(line, line.ann, "channel --from nobody")


def test_where_nothing_is_unread_no_model_is_asked(line: Line) -> None:
    talk(line)
    viewed(line, line.ann)
    assert "Nothing there is unread." in told(line, line.ann, "channel --since unread")


def test_who_asks_with_a_post_has_read_the_channel_by_it_and_reads_how_to_ask_before(line: Line) -> None:
    first = line.playground.post_as(line.bob, line.town, "An old story.")
    talk(line)
    viewed(line, line.ann, until=first)
    line.mention(line.ann, "@ai summarize channel --since unread")
    assert "`/ai summarize --since unread --in CHANNEL`" in found(line, line.ann)
    assert line.model.history == []


def test_in_ones_direct_message_it_is_still_unread(line: Line) -> None:
    first = line.playground.post_as(line.bob, line.town, "An old story.")
    talk(line)
    viewed(line, line.ann, until=first)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize --since unread --in town", line.direct(line.ann))
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_what_is_unread_is_what_came_since_one_looked(line: Line) -> None:
    line.playground.post_as(line.bob, line.town, "An old story.")
    viewed(line, line.ann)
    talk(line)
    viewed(line, line.ann, until=line.playground.posts(line.town)[0])
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize --since unread")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert "An old story" not in line.prompt()


def test_of_a_channel_that_one_is_not_in_nothing_is_unread(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.bob, line.carol, line.ann, line.bot))
    talk(line, harbour)
    line.playground.remove_member(line.ann, harbour)
    assert "You are not in that channel, so nothing of it is unread for you" in told(
        line, line.ann, "--since unread --in harbour"
    )


def viewed(line: Line, who: Doc, until: Doc | None = None) -> None:
    """They have looked at the town, all of it or as far as a post."""
    member = line.playground.server.member(line.town["id"], who["id"]) or {}
    at = until["create_at"] if until else line.playground.server.clock.now()
    line.playground.server.save_member(member | {"last_viewed_at": at})


# Too much, too little


def test_a_million_messages_are_refused_and_not_read_to_their_end(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_POSTS", 300)
    with line.playground.store.transaction():
        for number in range(1_000):
            line.playground.post_as(line.bob, line.town, f"Line {number}")
    seen = line.playground.faults.add(f"GET /api/v4/channels/{line.town['id']}/posts", times=100)
    sentence = "More than 300 messages would have to be looked through for that. Choose a shorter time"
    assert sentence in (refused := told(line, line.ann, "channel --since 24h"))
    assert "`--since 1h`" in refused  # which is shorter than what was asked
    assert seen.seen == 3  # the newest message, and two pages


@pytest.mark.parametrize(
    ("times", "advice"),
    [
        ("", "Try a longer one: `--since 7d`."),
        (" --since 30d", "Try another one, or another channel: `--in CHANNEL`."),
        (" --until 2026-01-02", "Try another one, or another channel: `--in CHANNEL`."),
    ],
)
def test_of_a_time_without_a_message_one_reads_what_else_there_is(line: Line, times: str, advice: str) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bot))
    line.say(line.ann, f"summarize channel{times}", harbour)
    line.settle()
    assert advice in found(line, line.ann)
    assert line.model.history == []


def test_a_thread_of_one_is_not_summed_up(line: Line) -> None:
    post = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    assert "There is only one message" in told(line, line.ann, line.playground.link(post))


def test_one_long_message_is_summed_up(line: Line) -> None:
    post = line.playground.post_as(line.ann, line.town, "The plan of the harbour begins with the crane. " * 40)
    line.model.enqueue("The plan of the harbour begins with the crane. [1]")
    typed_in(line, line.ann, post, "summarize")
    assert "1 of 1 message read" in summary(line, line.ann)


def test_so_is_one_message_with_a_file_that_can_be_read(line: Line) -> None:
    log = line.playground.upload(line.ann, line.town, "pump.log", b"09:12 the valve leaked\n", "text/plain")
    post = line.playground.post_as(line.ann, line.town, "The pump stopped.", file_ids=[log["id"]])
    line.model.enqueue("The pump stopped since the valve leaked. [1]")
    typed_in(line, line.ann, post, "summarize")
    assert "the valve leaked" in line.prompt()
    assert "1 of 1 message read" in summary(line, line.ann)


def test_with_one_that_cannot_be_read_it_is_one_short_message(line: Line) -> None:
    photo = line.playground.upload(line.ann, line.town, "photo.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")
    post = line.playground.post_as(line.ann, line.town, "The pump stopped.", file_ids=[photo["id"]])
    assert "There is only one message" in told(line, line.ann, line.playground.link(post))


@pytest.mark.parametrize("inside", [True, False])
def test_that_a_channel_is_off_reads_only_who_may_read_it_and_the_bot_joins_none_to_find_out(
    database_url: str, age: str, tmp_path: Path, inside: bool
) -> None:
    with Line(database_url, tmp_path / "models", age=age, guests=True, access="listed") as line:
        guest = line.playground.add_user("gus", roles="system_guest")
        line.playground.join(guest, line.town)
        line.playground.make_channel_admin(line.bob, line.town)
        switch(line, "bob")
        harbour = line.playground.add_channel("O", "harbour", members=(line.bob, *[line.bot] * inside))
        link = line.playground.link(line.playground.post_as(line.bob, harbour, "The crane is stuck."))
        assert "off in the channel of that message" in told(line, line.ann, link)
        assert NO_SUCH in told(line, guest, link)
        assert is_inside(line, harbour) is inside


def test_a_thread_of_the_bot_s_own_alone_is_told_so(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    line.model.history.clear()
    text = told(line, line.bob, line.playground.link(line.posts()[0]))
    assert "Nobody but me has written in that thread" in text


def test_messages_without_a_word_are_nothing_to_sum_up(line: Line) -> None:
    picture = {"attachments": [{"image_url": "https://example.org/cat.png"}]}
    root = line.playground.post_as(line.bob, line.town, "", props=picture)
    line.playground.post_as(line.bob, line.town, "", root, props=picture)
    assert "nothing to summarise" in told(line, line.ann, line.playground.link(root))


# What contradicts itself, and what is not known


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("thread --private --public", "--private", "--public"),
        ("thread --in harbour", "--in harbour", "thread"),
        ("LINK --in harbour", "--in harbour", "LINK"),
        ("channel LINK", "channel", "LINK"),
        ("LINK channel", "channel", "LINK"),
        ("thread channel", "thread", "channel"),
        ("channel thread", "channel", "thread"),
        ("thread --since unread", "--since unread", "thread"),
        ("--since unread LINK", "--since unread", "LINK"),
        ("LINK --kind brief --length long", "--kind brief", "--length long"),
        ("LINK --length MEDIUM --kind brief", "--kind brief", "--length MEDIUM"),
    ],
)
def test_what_contradicts_itself_is_named(line: Line, text: str, one: str, other: str) -> None:
    link = line.playground.link(talk(line))
    said = line.say(line.ann, f"summarize {text.replace('LINK', link)}").text
    assert f"`{one}` and `{other.replace('LINK', link)}` contradict each other" in said
    assert line.jobs("queued") == 0


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--kind poem", "`--kind poem` is not known. It can be `summary`, `actions`,"),
        ("--length 12", "`--length 12` is not known. It can be `short`, `medium` and `long`."),
        ("--language klingon", "I do not know the language `klingon`."),
        ("--model nonesuch", "nonesuch"),
        ("--prompt standup", "There is no saved prompt `standup` for you here. None is saved yet."),
        ("--kind", "--kind"),
        ("--kinds actions", "--kind"),
    ],
)
def test_a_value_that_is_not_known_is_refused_at_once_with_what_there_is(line: Line, flags: str, sentence: str) -> None:
    link = line.playground.link(talk(line))
    said = line.say(line.ann, f"summarize {link} {flags}").text
    assert sentence in said
    assert f"/ai summarize {link} {flags}" in said
    assert line.jobs("queued") == 0


def test_a_channel_that_is_not_there_and_one_that_may_not_be_read_are_told_in_the_same_words(line: Line) -> None:
    line.playground.add_channel("P", "board", members=(line.bob, line.bot))
    line.playground.add_channel("P", "attic", members=(line.ann,))
    for name in ("board", "nowhere", "attic"):
        assert f"There is no channel `{name}` that you and ai can both read." in told(line, line.ann, f"--in {name}")


def test_a_link_within_a_wish_is_refused_and_told_where_it_belongs(line: Line) -> None:
    link = line.playground.link(talk(line))
    said = line.say(line.ann, f"summarize {link} what has it to do with {link} there?").text
    assert "A link within a wish is not read." in said
    assert line.jobs("queued") == 0


def test_a_wish_that_is_too_long_is_refused_and_given_back(line: Line) -> None:
    talk(line)
    said = line.say(line.ann, "summarize channel " + "x" * 2_001).text
    assert "That wish has 2,001 characters" in said
    assert "/ai summarize channel xxx" in said


# Where the bot is not


@pytest.mark.parametrize("text", ["channel", "thread", "channel --public"])
def test_in_a_private_channel_without_the_bot_one_reads_who_can_invite_it(line: Line, text: str) -> None:
    root = talk(line, line.secret)
    before = len(line.private_answers(line.ann))
    if text == "thread" and line.playground.age == "5.37":
        text = line.playground.link(root)
    line.say(line.ann, f"summarize {text}", line.secret, root if text == "thread" else None)
    line.settle()
    sentence = NO_SUCH if "/pl/" in text else "/invite @ai"
    assert sentence in "\n".join([*line.told(line.ann), *line.private_answers(line.ann)[before:]])
    assert line.model.history == []


@pytest.mark.parametrize("kind", ["G", "D"])
def test_in_messages_that_the_bot_cannot_be_invited_to_nobody_is_told_to_invite_it(line: Line, kind: str) -> None:
    group = ("G", "e720529bc89f8aeedaf85d74edb3d5796f7b96b7")
    theirs = (
        line.playground.direct(line.ann, line.bob)
        if kind == "D"
        else line.playground.add_channel(*group, members=(line.ann, line.bob, line.carol))
    )
    line.playground.post_as(line.bob, theirs, "The pump stopped.")
    text = told(line, line.ann, "channel", theirs)
    assert "ai is no part of this conversation" in text
    assert "/invite" not in text


def test_a_link_typed_in_a_direct_message_of_two_is_read_for_who_typed_it_alone(line: Line) -> None:
    link, theirs = line.playground.link(talk(line)), line.playground.direct(line.ann, line.bob)
    line.model.enqueue(WRITTEN)
    said = line.say(line.ann, f"summarize {link}", theirs).text
    line.settle()
    assert "in your direct message" in said
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert line.private_answers(line.bob) == line.answers(theirs) == []


def test_a_public_channel_is_joined_for_it(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bob, line.carol))
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel", harbour)
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
