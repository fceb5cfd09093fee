"""How a digest reads: a post of twelve lines at most, and the rest in one reply below it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from mmapp.db import clock
from mmapp.jobs import posts, queue
from mmapp.mattermost.errors import Unreachable
from mmapp.texts.digest_post import DAYS
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import digest, due
from tests.scenarios.summaries import TALK, WRITTEN, talk
from tests.scenarios.telling import ALL, BUSY, VERDICT, busy, first, kept, lines_of, newest, next_one, words
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_more import buttons
from tests.scenarios.test_refused_edits import refuse_edits
from tests.scenarios.test_share import share

MOST = 12


def told(line: Line, channel: Doc) -> tuple[Doc, list[Doc]]:
    """The digest in a channel: its post, and what hangs below that."""
    head, *below = line.posts(channel)
    return head, below


def plain(post: Doc) -> str:
    """Its words, the targets of links left out."""
    return re.sub(r"\]\([^)]*\)", "]", str(post["message"]).replace("\u200b", ""))


def created(line: Line, post: Doc) -> str:
    """What its creation said to everybody."""
    events = line.playground.store.events(0)
    return next(str(one) for one in events if one["event"] == "posted" and post["id"] in str(one))


# The post


def test_it_says_what_it_comes_to_how_much_was_read_and_what_follows(line: Line) -> None:
    first(line, line.town)
    head, below = told(line, line.town)
    assert below == []
    assert re.fullmatch(
        rf"\*\*Digest of ~Town, ({'|'.join(DAYS)}): The checkout was down; a memory limit was the cause\.\*\* \[\[1\]\]\n"
        r"\*8 of 8 messages read · until \d\d:\d\d\*\n"
        r"\n"
        r"\*\*Decided\*\* · raise the limit now and fix the cache on Monday \[\[2\]\]\n"
        r"\*\*To do\*\* · carol: post-mortem by Friday \[\[3\]\]\n"
        r"\*\*Open\*\* · Who fixes the cache on Monday\? \[\[4\]\]\n"
        r"\n"
        r"\* The payment pods were killed, the limit is 256 MB \[\[5\]\]\n"
        r"\n"
        r"\*tiny · 1 part read\*",
        plain(head),
    )


@pytest.mark.parametrize("place", ["channel", "direct"])
def test_what_does_not_fit_into_twelve_lines_is_one_reply_below_and_nothing_is_lost(line: Line, place: str) -> None:
    busy(line)
    to = line.town if place == "channel" else None
    due(line, digest(line, line.ann, [line.town], to, length="long"))
    head, below = told(line, to or line.direct(line.ann))
    assert len(lines_of(plain(head))) == MOST
    assert [post["root_id"] for post in below] == [head["id"]]
    whole = plain(head) + plain(below[0])
    for *_, row in BUSY:
        assert whole.count(words(row)) == 1
    assert all(f"**{section}** ·" in plain(head) for section in ("Decided", "To do", "Open"))
    assert sum(row.startswith("* ") for row in lines_of(plain(head))) == 2
    assert lines_of(plain(below[0]))[0] == "**The rest of this digest**"


def test_numbers_go_on_below_and_each_leads_to_its_message(line: Line) -> None:
    said = busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    head, below = told(line, line.town)
    whole = (head["message"] + below[0]["message"]).replace("\u200b", "")
    numbers = {int(number): post_id for number, post_id in re.findall(r"\[\[(\d+)\]\]\(\S+/pl/(\w+)\)", whole)}
    assert sorted(numbers) == list(range(1, len(BUSY) + 1))
    for post, (*_, row) in zip(said, BUSY, strict=True):
        assert re.search(rf"{re.escape(words(row))} \[\[\d+\]\]\(\S+/pl/{post['id']}\)", whole)


@pytest.mark.parametrize("kind", ["summary", "brief", "actions", "decisions", "questions", "timeline"])
@pytest.mark.parametrize("length", ["short", "medium", "long"])
def test_each_kind_and_length_has_twelve_lines_at_most(line: Line, kind: str, length: str) -> None:
    busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, kind=kind, length=length))
    head, below = told(line, line.town)
    assert lines_of(plain(head))[0].startswith("**Digest of ~Town, ")
    assert "16 of 16 messages read" in lines_of(plain(head))[1]
    assert 4 <= len(lines_of(plain(head))) <= MOST
    assert len(below) <= 1


def test_the_built_in_model_quotes_and_has_no_parts(line: Line) -> None:
    busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, model="quotes", length="long"))
    head, _ = told(line, line.town)
    rows = lines_of(plain(head))
    assert re.fullmatch(r"\*\*Digest of ~Town, \w+: the messages that say most of it\*\*", rows[0])
    assert all(re.match(r"\* \*\*(ann|bob|carol)\*\*: ", row) for row in rows[2:-1])
    assert rows[-1] == "*Quotes*"
    assert len(rows) <= MOST
    assert kept(line) == []


def test_a_long_quotation_is_short_in_the_post(line: Line) -> None:
    for number in range(6):
        line.playground.post_as(line.bob, line.town, f"Pump {number} " + "ran dry and was filled with water again " * 9)
    due(line, digest(line, line.ann, [line.town], line.town, model="quotes"))
    head, _ = told(line, line.town)
    quoted = [row for row in lines_of(plain(head)) if row.startswith("* ")]
    assert quoted
    assert all(len(row) < 190 for row in quoted)
    assert all("… [[" in row for row in quoted)


def test_where_the_messages_do_not_support_it_they_are_quoted_and_it_says_so(line: Line) -> None:
    talk(line)
    line.model.enqueue(
        "The board has doubled the budget of the office. [1]\n- The office in Rome was sold to a bank [2]\n"
    )
    due(line, digest(line, line.ann, [line.town], line.town))
    head, _ = told(line, line.town)
    assert "budget" not in plain(head)
    assert "these are quotations, since tiny wrote nothing that the messages support" in lines_of(plain(head))[-1]
    assert len(lines_of(plain(head))) <= MOST


def test_with_nothing_worth_telling_it_says_that(line: Line) -> None:
    talk(line)
    line.model.enqueue("None.\n")
    due(line, digest(line, line.ann, [line.town], line.town, kind="decisions"))
    head, below = told(line, line.town)
    rows = lines_of(plain(head))
    assert rows[0].endswith(": No message says that something was decided.**")
    assert (len(rows), below) == (3, [])


def test_in_another_language_its_lines_stand_in_their_sections_too(line: Line) -> None:
    talk(line)
    line.model.enqueue(
        "Der Speicher war zu klein, jetzt läuft alles wieder. [1]\n- Decided: Limit erhöhen [5]\n"
        "- To do: carol: Bericht bis Freitag [7]\n- Open: Wer kümmert sich um den Cache? [8]\n"
    )
    due(line, digest(line, line.ann, [line.town], line.town, language="German"))
    head, _ = told(line, line.town)
    assert "Der Speicher war zu klein, jetzt läuft alles wieder." in lines_of(plain(head))[0]
    assert "**Open** · Wer kümmert sich um den Cache? [[" in plain(head)
    assert [one.words for one in kept(line)] == ["carol: Bericht bis Freitag", "Wer kümmert sich um den Cache?"]


# What it is of, and until when


def test_several_channels_are_named_and_others_are_linked_where_all_have_joined_them(line: Line) -> None:
    everybody = (line.ann, line.bob, line.carol, line.bot)
    harbour = line.playground.add_channel("O", "harbour-ops", members=everybody, display_name="Harbour Ops")
    line.playground.post_as(line.bob, harbour, "The crane is stuck because of the rust.")
    talk(line)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [line.town, harbour], line.town))
    head, _ = told(line, line.town)
    first_line = lines_of(head["message"].replace("\u200b", ""))[0]
    url = f"{line.playground.url}/{line.team['name']}/channels/harbour-ops"
    assert first_line.startswith(f"**Digest of ~Town and [~Harbour Ops]({url}), ")


def test_a_channel_of_another_team_is_named_and_nothing_links_to_this_team_s_of_that_name(line: Line) -> None:
    sales = line.playground.add_team("sales")
    everybody = (line.ann, line.bob, line.carol, line.bot)
    plaza = line.playground.add_channel("O", "plaza", team=sales, members=everybody)
    line.playground.post_as(line.bob, plaza, "The crane is stuck because of the rust.")
    talk(line)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [line.town, plaza], line.town))
    head, _ = told(line, line.town)
    first_line = lines_of(plain(head))[0]
    assert first_line.startswith("**Digest of ~Town and ~Plaza, ")
    assert "/channels/" not in first_line


def test_a_channel_that_its_reader_has_not_joined_is_named_and_nothing_links_there(line: Line) -> None:
    members = (line.bob, line.carol, line.ann, line.bot)
    harbour = line.playground.add_channel("O", "harbour-ops", members=members, display_name="Harbour Ops")
    talk(line, harbour)
    line.playground.remove_member(line.ann, harbour)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [harbour]))
    text = newest(line)
    assert text.startswith("**Digest of ~Harbour Ops, ")
    assert "(1, in ~Harbour Ops)" in text
    assert "](" not in text


def test_it_names_four_channels_and_counts_the_rest(line: Line) -> None:
    everybody = (line.ann, line.bob, line.carol, line.bot)
    more = [line.playground.add_channel("O", f"hall-{number}", members=everybody) for number in range(6)]
    talk(line)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [line.town, *more], line.town))
    head, _ = told(line, line.town)
    assert plain(head).startswith("**Digest of ~Town, [~Hall 0], [~Hall 1], [~Hall 2] and 3 more channels, ")


def test_what_was_read_before_is_told_as_reused(line: Line) -> None:
    number = first(line, line.town, window="week")
    assert "*tiny · 1 part read*" in newest(line)
    due(line, number, "2026-11-27T09:00")
    assert "*tiny · 1 part reused*" in newest(line)


def test_one_that_comes_late_says_so_and_what_it_makes_up_for(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    with line.worker.database.read() as session:
        at = clock(session) - timedelta(hours=2)
    first_at = at - timedelta(hours=2)
    due(line, digest(line, line.ann, [line.town], line.town), at=at, folds=2, first_at=first_at)
    receipt = lines_of(plain(told(line, line.town)[0]))[1]
    assert re.search(r" · late: it was due (\w{3} )?\d\d:\d\d and makes up for 2 earlier ones, the first of ", receipt)
    assert receipt.endswith(f" {first_at:%H:%M}*")


def test_one_that_somebody_asked_for_is_not_late(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    with line.worker.database.read() as session:
        at = clock(session) - timedelta(hours=2)
    due(line, digest(line, line.ann, [line.town], line.town), "run", at=at, class_=queue.PERSON)
    assert "late" not in newest(line)


# Who is notified


def test_it_notifies_nobody_in_its_post_nor_below_it(line: Line) -> None:
    zeke = line.playground.add_user("zeke", first_name="Robert", notify_props={"first_name": "true"})
    line.playground.join(zeke, line.town)
    line.playground.post_as(zeke, line.town, "I am Robert, and I paint the gate with @bob.")
    said = [line.playground.post_as(line.carol, line.town, f"Robert paints wall {number}.") for number in range(14)]
    rows = "".join(f"- To do: Robert: Robert and @bob paint wall {number} [{number + 2}]\n" for number in range(14))
    line.model.enqueue(f"Robert and @bob paint the gate, @all. [1]\n{rows}")
    people = ("zeke", "bob", "carol", "ann")
    before = [line.playground.mention_count(who, line.town) for who in people]
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    head, below = told(line, line.town)
    assert len(below) == 1
    assert len(said) == 14
    assert [line.playground.mention_count(who, line.town) for who in people] == before
    assert "**Digest** of 15 messages" in created(line, head)
    for post in (head, *below):
        assert "Robert" not in created(line, post).replace("\u200b", "")
        assert len(line.playground.revisions(post)) == 1


def test_where_posts_cannot_be_edited_it_is_whole_at_once_and_notifies_nobody_either(line: Line) -> None:
    line.playground.server.settings["PostEditTimeLimit"] = "60"
    busy(line)
    before = [line.playground.mention_count(who, line.town) for who in ("ann", "bob", "carol")]
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    head, below = told(line, line.town)
    assert VERDICT in plain(head)
    assert below[0]["root_id"] == head["id"]
    assert line.playground.revisions(head) == []
    assert [line.playground.mention_count(who, line.town) for who in ("ann", "bob", "carol")] == before


# Both parts, whatever happens


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("made", [True, False])
def test_a_restart_in_the_middle_neither_doubles_nor_loses_a_part(
    line: Line, monkeypatch: pytest.MonkeyPatch, part: int, *, made: bool
) -> None:
    real, lost = posts.create, [part]

    def create(worker: object, claimed: object, lease: object, number: int, *given: object, **more: object) -> str:
        if number in lost and not made:
            lost.remove(number)
            raise Unreachable("the connection was cut", path="/posts")
        post_id = real(worker, claimed, lease, number, *given, **more)  # type: ignore[arg-type]
        if number in lost:
            lost.remove(number)
            raise Unreachable("the answer was lost", path="/posts")
        return post_id

    monkeypatch.setattr(posts, "create", create)
    busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    do_all(line)
    head, below = told(line, line.town)
    assert lost == []
    assert [post["root_id"] for post in below] == [head["id"]]
    assert VERDICT in plain(head)
    assert plain(below[0]).startswith("**The rest of this digest**\n\n")


def long_one(line: Line, to: Doc | None = None) -> tuple[Doc, Doc]:
    """The post and the reply of a busy day's."""
    busy(line)
    due(line, digest(line, line.ann, [line.town], to, length="long"))
    head, below = told(line, to or line.direct(line.ann))
    return head, below[0]


def test_its_buttons_and_thumbs_are_under_its_post(line: Line) -> None:
    head, below = long_one(line, line.town)
    assert buttons(line, head) == ["Done…", "More…"]
    assert buttons(line, below) == []
    assert [emoji for _, emoji in line.playground.reactions(head)] == ["+1", "-1"]
    assert line.playground.reactions(below) == []


def test_made_shorter_its_reply_goes_and_its_post_stays(line: Line) -> None:
    head, below = long_one(line, line.town)
    line.model.enqueue(f"{VERDICT} [1]\n- {BUSY[4][2]} [5]\n")
    assert line.pick(line.ann, line.more(line.ann, head), what="shorter") == {}
    line.settle()
    line.look()
    now, rest = told(line, line.town)
    assert (now["id"], rest) == (head["id"], [])
    assert line.playground.post(below)["delete_at"]
    assert buttons(line, now) == ["Done…", "More…"]
    assert [one.words for one in kept(line)] == [words(said) for *_, said in BUSY[4:12]]  # nobody has done them


def test_written_again_it_can_get_a_reply(line: Line) -> None:
    busy(line, f"{VERDICT} [1]\n- {BUSY[4][2]} [5]\n")
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    (head,) = line.posts(line.town)
    line.model.enqueue(ALL)
    assert line.pick(line.ann, line.more(line.ann, head), what="again") == {}
    line.settle()
    now, below = told(line, line.town)
    assert now["id"] == head["id"]
    assert [post["root_id"] for post in below] == [head["id"]]
    assert len(lines_of(plain(now))) == MOST


def test_while_it_is_written_anew_stop_stands_under_its_post(line: Line) -> None:
    head, below = long_one(line, line.town)
    line.pick(line.ann, line.more(line.ann, head), what="again")
    line.look()
    assert (buttons(line, head), buttons(line, below)) == (["Stop"], [])


def test_deleted_both_parts_go(line: Line) -> None:
    head, _ = long_one(line, line.town)
    line.pick(line.ann, line.more(line.ann, head), what="delete")
    do_all(line)
    assert line.posts(line.town) == []
    assert kept(line) == []


def test_shared_it_stands_there_with_its_reply_and_without_a_question(line: Line) -> None:
    head, _ = long_one(line)
    share(line, head, line.town)
    shown, below = told(line, line.town)
    assert VERDICT in lines_of(plain(shown))[0]
    assert [post["root_id"] for post in below] == [shown["id"]]
    assert buttons(line, shown) == ["More…"]


def test_where_its_post_cannot_be_edited_any_more_the_new_one_stands_below_with_its_rest(line: Line) -> None:
    head, _ = long_one(line, line.town)
    refuse_edits(line)
    line.model.enqueue(ALL.replace(f"{VERDICT} [1]", "The ferry comes first for the night shift. [2]"))
    assert line.pick(line.ann, line.more(line.ann, head), what="again") == {}
    do_all(line)
    _, *below = line.posts(line.town)
    assert [post["root_id"] for post in below] == [head["id"]] * 2
    assert "The ferry comes first for the night shift." in plain(below[0])
    assert plain(below[1]).startswith("**The rest of this digest**")


def test_one_whose_channel_was_archived_meanwhile_is_paused_and_the_next_one_tells_it(line: Line) -> None:
    with line.worker.database.read() as session:
        later = clock(session) + timedelta(hours=1)
    busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, length="long"), at=later)
    line.playground.archive(line.town)
    line.hurry()
    do_all(line)
    text = "\n".join(line.private_answers(line.ann)).replace("\u200b", "")
    assert "is paused" in text
    assert not any(words(row) in text for *_, row in BUSY)
    assert kept(line) == []


# What is asked below it


def test_a_question_below_it_is_answered_from_its_sources(line: Line) -> None:
    first(line, line.town)
    (head,) = line.posts(line.town)
    line.mention(line.bob, "@ai What was the limit?", root=head, answer="256 MB.")
    assert all(words in line.prompt() for _, words in TALK)
    assert "256 MB." in line.answers(line.town)[-1]
    assert line.posts(line.town)[-1]["root_id"] == head["id"]


@pytest.mark.parametrize("in_thread", [True, False])
def test_in_a_direct_message_no_mention_is_needed(line: Line, *, in_thread: bool) -> None:
    first(line)
    (head,) = line.posts(line.direct(line.ann))
    root = head if in_thread else None
    line.mention(line.ann, "What was the limit?", line.direct(line.ann), root=root, answer="256 MB.")
    assert all(words in line.prompt() for _, words in TALK)
    assert "256 MB." in line.private_answers(line.ann)[-1]


def test_a_question_below_it_knows_what_was_told_again(line: Line) -> None:
    number = first(line, line.town)
    next_one(line, number)
    line.mention(line.bob, "@ai Is anything open?", root=line.posts(line.town)[-1], answer="Yes.")
    assert "carol: post-mortem by Friday" in line.prompt()


def test_before_it_stands_there_what_is_asked_in_the_direct_message_goes_on_as_it_was(line: Line) -> None:
    line.mention(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    talk(line)
    line.model.enqueue(WRITTEN)
    with line.worker.database.read() as session:
        later = clock(session) + timedelta(hours=1)
    due(line, digest(line, line.ann, [line.town]), at=later)
    line.mention(line.ann, "How much?", line.direct(line.ann), answer="Much.")
    assert "It moves water." in line.prompt()
    assert TALK[0][1] not in line.prompt()
    line.hurry()
    line.settle()
    line.mention(line.ann, "What was the limit?", line.direct(line.ann), answer="256 MB.")
    assert TALK[0][1] in line.prompt()


def test_then_nobody_is_notified_either_who_is_only_talked_about(line: Line) -> None:
    zeke = line.playground.add_user("zeke", first_name="Robert", notify_props={"first_name": "true"})
    line.playground.join(zeke, line.town)
    for number in range(6):
        line.playground.post_as(line.carol, line.town, f"Robert paints wall {number}.")
    rows = "".join(f"- To do: Robert: paint wall {number} [{number + 1}]\n" for number in range(6))
    line.model.enqueue(f"Robert paints walls. [1]\n{rows}")
    line.playground.server.settings["PostEditTimeLimit"] = "60"
    before = line.playground.mention_count("zeke", line.town)
    due(line, digest(line, line.ann, [line.town], line.town))
    head, _ = told(line, line.town)
    assert "Robert paints walls." in plain(head)
    assert line.playground.mention_count("zeke", line.town) == before
