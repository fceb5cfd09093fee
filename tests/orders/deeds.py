"""What can happen: what people do, what befalls the server and the worker, and how the line goes on. Each says what it did, and
nothing where it cannot happen now."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from mmapp.jobs import begun
from tests.line import expire
from tests.orders.world import World
from tests.playground import shapes
from tests.playground.store import Doc
from tests.scenarios.test_delete import refused

Deed = Callable[["World", random.Random], str]

_LINK = re.compile(r"http\S+")


@dataclass(frozen=True)
class Drawn:
    """One kind of deed, and how often it is drawn beside the others."""

    weight: int
    do: Deed


# What people do


def says(world: World, chance: random.Random) -> str:
    place = chance.choice(list(world.places))
    who = _one(chance, world.members(place))
    said = world.said_in(place)
    under = chance.choice(said) if said and chance.random() < 0.6 else None
    word = world.say(who, place, under.post if under else None)
    return f"{who} says {word} in {place}" + (f", below {under.word}" if under else "")


def asks(world: World, chance: random.Random) -> str:
    """By a command or a mention, in a channel, in a thread, or alone."""
    who = chance.choice(world.PEOPLE)
    place = _somewhere(world, chance, who)
    said = world.said_in(place)
    root = chance.choice(said).post if said and chance.random() < 0.7 else None
    asked = world.new("asked")
    if place not in world.places:
        return _asks_alone(world, chance, who, asked)
    top = _top(world, root)
    below = f" below {_word_of(world, top)}" if top else ""
    if chance.random() < 0.4:
        world.ask(who, place, f"@ai What is {asked}?", top)
        return f"{who} mentions the bot: {asked}? in {place}{below}"
    flag = chance.choice(["", "", "--private "])
    return _types(world, who, f"ask {flag}What is {asked}?", place, top) + below


def _asks_alone(world: World, chance: random.Random, who: str, asked: str) -> str:
    """In the direct message with the bot; also about a thread elsewhere."""
    place = f"the bot's with {who}"
    readable = [one for one in world.words.values() if not one.gone and world.inside(one.place, who)]
    if readable and chance.random() < 0.5:
        about = chance.choice(readable)
        link = world.line.playground.link(about.post)
        return _types(world, who, f"ask --thread {link} What is {asked}?", place) + f" ({about.word})"
    posts = world.line.posts(world.place(place))
    if posts and chance.random() < 0.5:
        root = chance.choice(posts)
        top = world.line.playground.post(root["root_id"] or root["id"])
        world.ask(who, place, f"What is {asked}?", top)
        return f"{who} asks {asked}? in {place}, below {top['message'][:40]!r}"
    world.ask(who, place, f"What is {asked}?")
    return f"{who} asks {asked}? in {place}"


def summarizes(world: World, chance: random.Random) -> str:
    who = chance.choice(world.PEOPLE)
    place = _somewhere(world, chance, who)
    readable = [one for one in world.words.values() if not one.gone and world.may_read(who, one.word)]
    asked, flag = world.new("asked"), chance.choice(["", "--public "])
    world.summaries.add(asked)
    if chance.random() < 0.2 and place in world.places:
        return _types(world, who, f"summarize channel {flag}what of {asked}", place)
    if not readable:
        return ""
    about = chance.sample(readable, min(len(readable), chance.choice([1, 1, 2])))
    links = " ".join(world.line.playground.link(one.post) for one in about)
    told = ", ".join(one.word for one in about)
    return _types(world, who, f"summarize {links} {flag}what of {asked}", place) + f" ({told})"


def opens(world: World, chance: random.Random) -> str:
    """The dialog of an answer, and does not do anything yet."""
    who = chance.choice(world.PEOPLE)
    found = [post for place in _places_of(world, who) for post in world.line.posts(world.place(place))]
    with_button = [post for post in found if "More…" in _buttons(post)]
    if not with_button:
        return ""
    post = chance.choice(with_button)
    shown = len(world.line.playground.dialogs(world.person(who)))
    world.line.playground.click(world.person(who), post, "More…")
    (dialog,) = world.line.playground.dialogs(world.person(who))[shown:]
    world.dialogs.append((who, world.place_of(post["channel_id"]), dialog))
    return f"{who} presses More… under {_quoted(post)}"


def opens_summaries(world: World, chance: random.Random) -> str:
    """Where it is not known what is meant, a dialog asks."""
    who = chance.choice(world.PEOPLE)
    places = [place for place in world.places if world.inside(place, who)]
    if not places:
        return ""
    place, shown = chance.choice(places), len(world.line.playground.dialogs(world.person(who)))
    told = _types(world, who, "summarize", place)
    world.dialogs += [(who, place, one) for one in world.line.playground.dialogs(world.person(who))[shown:]]
    return told


def submits(world: World, chance: random.Random) -> str:
    """What somebody has opened, perhaps long ago: again, shorter, share, delete; or a summary."""
    if not world.dialogs:
        return ""
    who, place, dialog = world.dialogs.pop(chance.randrange(len(world.dialogs)))
    elements = {one["name"]: one for one in dialog["dialog"]["elements"] or ()}
    options = [one["value"] for one in elements.get("what", {}).get("options") or ()]
    if not options:
        return ""
    values = {name: one["default"] for name, one in elements.items() if one.get("default")}
    values["what"] = chance.choice([*options, *(one for one in options if one in ("again", "share", "share"))])
    where = chance.choice([*world.places, ""])
    if values["what"] == "share":
        values["channel"] = world.places[where]["id"] if where else ""
    if values["what"] == "with":
        values["model"] = "tiny"
    here = world.place(place if world.inside(place, who) else f"the bot's with {who}")  # he may have left it since
    answer = world.line.pick(world.person(who), dialog, here, **values)
    told = f" to {where or 'where it was asked'}" if values["what"] == "share" else ""
    return f"{who} picks {values['what']}{told} of {dialog['dialog']['title']!r} in {place}" + (
        f": {answer}" if answer else ""
    )


def picks(world: World, chance: random.Random) -> str:
    """At once."""
    opened = opens(world, chance)
    world.dialogs = world.dialogs[-1:] if opened else world.dialogs
    return f"{opened}, and {submits(world, chance)}" if opened else ""


def stops(world: World, chance: random.Random) -> str:
    who = chance.choice(world.PEOPLE)
    return _types(world, who, "stop", _somewhere(world, chance, who))


def presses_stop(world: World, chance: random.Random) -> str:
    who = chance.choice(world.PEOPLE)
    seen = [post for place in _places_of(world, who) for post in world.line.posts(world.place(place))]
    with_stop = [post for post in seen if "Stop" in _buttons(post)]
    if not with_stop:
        return ""
    post = chance.choice(with_stop)
    world.line.playground.click(world.person(who), post, "Stop")
    return f"{who} presses Stop under {_quoted(post)}"


def deletes_answer(world: World, chance: random.Random) -> str:
    """The newest one, or by its link; somebody else's is refused."""
    who = chance.choice(world.PEOPLE)
    place = _somewhere(world, chance, who)
    return _types(world, who, "delete", place)


def deletes_message(world: World, chance: random.Random) -> str:
    standing = [one for one in world.words.values() if not one.gone and world.inside(one.place, one.author)]
    if not standing:
        return ""
    one = chance.choice(standing)
    world.line.playground.delete(world.person(one.author), one.post)
    world.forget_thread(one.post["id"])
    return f"{one.author} deletes {one.word} in {one.place}"


def edits_message(world: World, chance: random.Random) -> str:
    standing = [one for one in world.words.values() if not one.gone and world.inside(one.place, one.author)]
    if not standing:
        return ""
    one = chance.choice(standing)
    word = world.edit(one)
    return f"{one.author} writes {word} in the place of {one.word} in {one.place}"


def opts(world: World, chance: random.Random) -> str:
    """Out, or in again."""
    who = chance.choice(world.PEOPLE)
    place, out = f"the bot's with {who}", who not in world.unread
    dialog = _privacy(world, who, place)
    assert world.line.pick(world.person(who), dialog, world.place(place), me="no" if out else "yes") == {}
    (world.unread.add if out else world.unread.remove)(who)
    return f"{who} does {'not ' if out else ''}want to be read{'' if out else ' again'}"


def closes(world: World, chance: random.Random) -> str:
    """A channel is not to be read, or is again: bob is the admin of all that he is in."""
    place = chance.choice(list(world.places))
    if not world.inside(place, "bob") or not world.administers("bob", place):
        return ""
    dialog, closed = _privacy(world, "bob", place), place not in world.closed
    me = "no" if "bob" in world.unread else "yes"
    if world.line.pick(world.person("bob"), dialog, world.place(place), me=me, channel="no" if closed else "yes"):
        return ""  # a right could not be asked for
    (world.closed.add if closed else world.closed.remove)(place)
    return f"bob does {'not ' if closed else ''}want {place} to be read{'' if closed else ' again'}"


def _privacy(world: World, who: str, place: str) -> Doc:
    shown = len(world.line.playground.dialogs(world.person(who)))
    world.line.say(world.person(who), "privacy", world.place(place))
    (dialog,) = world.line.playground.dialogs(world.person(who))[shown:]
    return dialog


def switches(world: World, chance: random.Random) -> str:
    place = chance.choice(list(world.places))
    return _types(world, "bob", chance.choice(["off", "on", "on"]), place) if world.inside(place, "bob") else ""


def leaves(world: World, chance: random.Random) -> str:
    place = chance.choice(list(world.places))
    who = _one(chance, world.members(place))
    if len(world.members(place)) < 2:
        return ""
    world.line.playground.remove_member(world.person(who), world.place(place))
    return f"{who} leaves {place}"


def comes(world: World, chance: random.Random) -> str:
    place = chance.choice(list(world.places))
    out = [name for name in world.PEOPLE if not world.inside(place, name)]
    if not out:
        return ""
    who = chance.choice(out)
    world.line.playground.join(world.person(who), world.place(place))
    return f"{who} comes into {place}"


def bot_goes(world: World, chance: random.Random) -> str:
    place = chance.choice(list(world.places))
    if not world.inside(place):
        return ""
    world.line.playground.remove_member(
        world.line.bot, world.place(place), by=world.person(_one(chance, world.members(place)))
    )
    return f"the bot is taken out of {place}"


def bot_comes(world: World, chance: random.Random) -> str:
    out = [place for place in world.places if not world.inside(place)]
    if not out:
        return ""
    place = chance.choice(out)
    world.line.playground.add_member(
        world.line.bot, world.place(place), by=world.person(_one(chance, world.members(place)))
    )
    return f"the bot is invited into {place}"


def replies(world: World, chance: random.Random) -> str:
    """To a post of the bot's."""
    place = chance.choice(list(world.places))
    posts = world.line.posts(world.place(place))
    if not posts:
        return ""
    post = chance.choice(posts)
    who = _one(chance, world.members(place))
    word = world.say(who, place, post)
    return f"{who} says {word} in {place}, below {_quoted(post)}"


# What befalls the server


CALLS = ("POST /api/v4/posts$", "PUT /api/v4/posts/.*/patch$", "DELETE /api/v4/posts/", "GET /api/v4/posts/[a-z0-9]{26}$",
         "POST /hooks/", "POST /api/v4/posts/ephemeral$", "GET /api/v4/channels/.*/members")  # fmt: skip


def refuses(world: World, chance: random.Random) -> str:
    """The next requests of one kind fail, before or after they had their effect."""
    call, times = chance.choice(CALLS), chance.choice([1, 1, 2, 3])
    how = chance.choice(["503", "503", "403", "before", "after"])
    if how == "403" and call.startswith(("POST /api/v4/posts$", "PUT")):
        world.line.playground.faults.add(call, status=403, body=refused(403), times=2)
    elif how in ("before", "after"):
        world.line.playground.faults.add(call, drop=how, times=times)
    else:
        world.line.playground.faults.add(call, status=503, times=times)
        how = "503"
    return f"Mattermost will answer {call} with {how}, {times} times"


# How the line goes on


def works(world: World, chance: random.Random) -> str:
    """One job is done, whichever is next, or of one lane."""
    queues = chance.choice([(), ("admit",), ("model:tiny",), ("model:tiny",), ("post",), ("notify",)])
    done = world.act.step(*queues)
    return f"one job is done ({done})" if done else ""


def works_beside(world: World, chance: random.Random) -> str:
    """Another lane does one."""
    done = world.act.step(chance.choice(["admit", "admit", "post", "notify"]))
    return f"another lane does a job ({done})" if done else ""


def settles(world: World, _chance: random.Random) -> str:
    done = list(world.act.all_steps())
    begun.take_away(world.line.worker)
    return f"all that is due is done ({', '.join(done)})" if done else ""


def hears(world: World, _chance: random.Random) -> str:
    if world.line.playground.store.events(world.line._heard):
        world.line.hear()
        return "the listener hears of all that"
    return ""


def looks(world: World, _chance: random.Random) -> str:
    world.line.look()
    begun.take_away(world.line.worker)
    return "the worker's beats look around"


def time_comes(world: World, _chance: random.Random) -> str:
    if not world.line.jobs("queued"):
        return ""
    world.line.hurry()
    return "the time of what waits comes"


def dies(world: World, chance: random.Random) -> str:
    """The next job takes its worker along, somewhere in it."""
    world.line.worker.aside.clear()
    done = world.act.step_to_death(chance.randint(1, 12))
    return f"the worker dies in the next job ({done})" if done else ""


def lease_ends(world: World, _chance: random.Random) -> str:
    if not world.line.jobs("running"):
        return ""
    expire(world.line)
    return "the leases of the dead run out"


PEOPLE_S = [
    *[Drawn(3, says), Drawn(8, asks), Drawn(12, summarizes), Drawn(14, picks), Drawn(2, stops), Drawn(4, presses_stop)],
    *[Drawn(3, deletes_answer), Drawn(6, deletes_message), Drawn(4, edits_message), Drawn(4, opts), Drawn(6, leaves)],
    *[Drawn(8, comes), Drawn(3, bot_goes), Drawn(6, bot_comes), Drawn(4, replies)],
    *[Drawn(4, opens), Drawn(5, submits), Drawn(2, opens_summaries), Drawn(2, closes), Drawn(3, switches)],
]
ITS_OWN = [
    *[Drawn(14, refuses), Drawn(40, works), Drawn(12, settles), Drawn(8, hears), Drawn(3, looks), Drawn(8, time_comes)],
    *[Drawn(8, dies), Drawn(6, lease_ends)],
]
MEANWHILE = [*PEOPLE_S, Drawn(10, refuses), Drawn(10, hears), Drawn(15, works_beside)]
"""While the model writes."""


def draw(world: World, chance: random.Random, among: list[Drawn]) -> str:
    """Something that can happen now; what it was."""
    for _ in range(20):
        (drawn,) = chance.choices(among, [one.weight for one in among])
        if told := drawn.do(world, chance):
            return told
    return "nothing"


def _types(world: World, who: str, command: str, place: str, root: Doc | None = None) -> str:
    said = world.type(who, command, place, root)
    return f"{who} types `/ai {_LINK.sub('LINK', command)}` in {place}{said}"


def _somewhere(world: World, chance: random.Random, who: str) -> str:
    return chance.choice([*_places_of(world, who), f"the bot's with {who}"])


def _places_of(world: World, who: str) -> list[str]:
    return [*(place for place in world.places if world.inside(place, who)), f"the bot's with {who}"]


def _one(chance: random.Random, names: list[str]) -> str:
    return chance.choice(names)


def _top(world: World, post: Doc | None) -> Doc | None:
    """The root of its thread."""
    return world.line.playground.post(post["root_id"] or post["id"]) if post else None


def _word_of(world: World, post: Doc) -> str:
    return next((one.word for one in world.words.values() if one.post["id"] == post["id"]), _quoted(post))


def _quoted(post: Doc) -> str:
    return repr(post["message"].replace("\u200b", "")[:60])


def _buttons(post: Doc) -> list[str]:
    return [one["name"] for part in shapes.attachments(post) for one in part.get("actions") or ()]
