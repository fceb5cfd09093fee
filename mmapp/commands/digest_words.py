"""What stands behind `/ai digest`, taken apart and looked at, as far as that needs neither Mattermost nor the database."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from mmapp import languages, plan, schedule
from mmapp.commands.parse import DASHES, WEEKDAY, take_flags
from mmapp.errors import Faults, Refused
from mmapp.schedule import Schedule
from mmapp.texts import digest_faults as texts
from mmapp.texts import summarize as summary_texts
from mmapp.wanted import KINDS, LINES

FLAGS = dict.fromkeys(("to", "window", "kind", "length", "language", "model", "quiet", "zone", "cron"), True)
ONE_OF = {"window": list(plan.WINDOWS), "kind": list(KINDS), "length": list(LINES)}
NUMBERED = ("show", "edit", "pause", "resume", "run", "preview", "remove")
VERBS = ("list", *NUMBERED)
NUMBER = r"#?([1-9][0-9]*)"
MANAGED = re.compile(rf"({'|'.join(VERBS)})(?:\s+{NUMBER})?(?:\s+(.+))?", re.IGNORECASE | re.DOTALL)
# What people type for a verb that is called otherwise.
OTHERWISE = (
    ("show", re.compile(NUMBER)),
    ("remove", re.compile(rf"(?:delete|stop|cancel|end|unsubscribe)(?:\s+{NUMBER})?", re.IGNORECASE)),
)
LONGEST = 1000  # characters
LONGEST_NAME = 64  # characters of a channel's
MOST_QUIET = 1000  # messages
# Words in front of which more may stand: each ends at white-space or a comma.
_END = r"(?:(?=[\s,;])|$)"
_WHEN = (
    ("workdays", r"(?:on\s+)?(?:week|working|work|business)\s?days?"),
    ("daily", r"daily|(?:every|each)\s?day"),
    ("monthly", r"monthly|(?:on\s+)?(?:the\s+)?(?:first|1st)\s+of\s+(?:the|each|every)\s+month|every\s+month"),
    (plan.WEEKLY, r"weekly|once\s+a\s+week|every\s+week"),
    (plan.HOURLY, r"hourly|every\s+hour"),
)
WHEN = [(word, re.compile(f"(?:{pattern}){_END}", re.IGNORECASE)) for word, pattern in _WHEN]
DAY = re.compile(rf"(?:(?:every|each|on)\s+)?({WEEKDAY})s?{_END}", re.IGNORECASE)
CHANNEL = re.compile(rf"(~[^\s,;~]+|[a-z0-9]{{26}}|here){_END}")
# Of each hour its minute alone; twelve hours have `am` or `pm` behind them.
_CLOCK = r"(?:[0-9]{0,2}[:.][0-9]{2}(?:\s?[ap]m)?|[0-9]{1,2}\s?[ap]m)"
CLOCK = re.compile(rf"(?:at\s+)?({_CLOCK}){_END}", re.IGNORECASE)
CLOCK_AND_ZONE = re.compile(rf"({_CLOCK})(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
ZONE = re.compile(rf"([A-Za-z_]+/[\w/+-]+|UTC|GMT){_END}")
BETWEEN = re.compile(r"(?:[\s,;&+]+|(?:and|und)(?=\s))+", re.IGNORECASE)
# Five parts, which nobody has put into quotes.
BARE_CRON = re.compile(rf"({DASHES}cron\s*=?\s*)((?:[\d*][\w*/,-]*\s+){{4}}[\w*/,-]+)(?!\S)", re.IGNORECASE)
CRON_FAULTS: Mapping[type[schedule.NoSchedule], Callable[[str], str]] = {
    schedule.TooOften: texts.too_often,
    schedule.Never: texts.never,
    schedule.TwoDays: texts.two_days,
    schedule.NoSuchClock: texts.cron_clock,
}


@dataclass
class Typed:
    """A digest as it is typed: its fields, in any order. `said` has them by name."""

    channels: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, words: str) -> dict[str, str]:
        """The fields. Raises Refused where one is not understood, or contradicts another."""
        if len(words) > LONGEST:
            raise Refused(texts.too_long(len(words), LONGEST))
        found = cls()
        words = BARE_CRON.sub(r'\1"\2"', words)
        while words:
            words, flags = take_flags(words, FLAGS)
            for name, value in flags.items():
                found._put(name, value)
            words = found._without_first(words)
        return found._all()

    def _without_first(self, words: str) -> str:
        if between := BETWEEN.match(words):
            return words[between.end() :]
        for take in (self._channel, self._time, self._zone, self._when, self._day):
            if end := take(words):
                return words[end:]
        if words:
            raise Refused(texts.unknown_word(words.split(maxsplit=1)[0]))
        return words

    def _channel(self, words: str) -> int:
        match = CHANNEL.match(words)
        if match:
            self.channels.append(match[1])
        return match.end() if match else 0

    def _time(self, words: str) -> int:
        match = CLOCK.match(words)
        if match:
            self._put("time", match[1])
        return match.end() if match else 0

    def _zone(self, words: str) -> int:
        match = ZONE.match(words)
        if match:
            self._put("zone", match[1])
        return match.end() if match else 0

    def _when(self, words: str) -> int:
        for word, pattern in WHEN:
            if match := pattern.match(words):
                self._put("when", word)
                return match.end()
        return 0

    def _day(self, words: str) -> int:
        match = DAY.match(words)
        if match:
            self.days.append(match[1][:3].casefold())
        return match.end() if match else 0

    def _put(self, name: str, value: str) -> None:
        """Raises Refused where it was said otherwise before."""
        before = self.said.setdefault(name, value)
        if before != value:
            raise Refused(texts.contradiction(before, value))

    def _all(self) -> dict[str, str]:
        if self.days:
            self._put("when", ",".join(day for day in schedule.DAYS if day in self.days))
        given = self.said.get("when", "") or self.said.get("time", "")
        if "cron" in self.said and given:
            raise Refused(texts.contradiction(f"--cron {self.said['cron']}", given))
        return self.said | ({"what": " ".join(dict.fromkeys(self.channels))} if self.channels else {})


def is_meant(words: str) -> bool:
    """Whether words behind a mention are for a digest, and not a question that begins with that word."""
    managed = MANAGED.fullmatch(words)
    if managed:
        return not managed[3] or (managed[1].casefold() == "edit" and bool(managed[2]))
    try:
        return bool(Typed.of(words))
    except Refused:
        return words.startswith("~") or re.match(rf"{DASHES}[A-Za-z]", words) is not None


def verb_for(words: str) -> str:
    """What is meant by words that are called otherwise: `remove 3` for `delete 3`; empty where they are nothing like it."""
    for verb, pattern in OTHERWISE:
        if match := pattern.fullmatch(words):
            return f"{verb} {match[1] or ''}".strip()
    return ""


# Looking at them


def checked(said: Mapping[str, str]) -> dict[str, str]:
    """The fields as they are meant. Raises Faults, by their names."""
    found = {name: value.strip() for name, value in said.items() if value.strip()}
    for name, known in ONE_OF.items():
        if name in found:
            found[name] = found[name].casefold()
            if found[name] not in known:
                raise Faults(**{name: summary_texts.no_such_value(name, said[name], known)})
    for name, check in _CHECKS.items():
        if name in found:
            found |= check(found[name])
    if "cron" in found:
        _require_cron(found["cron"], found.get("zone", "UTC"))
    return found


def split(typed: str) -> list[str]:
    """The channels that were named one after the other, each once."""
    channels = [one for one in re.split(r"[\s,;]+", typed) if one.casefold() not in ("", "and", "und", "&", "+")]
    return list(dict.fromkeys(channels))


def _what(typed: str) -> dict[str, str]:
    channels = split(typed)
    if not channels or any(len(one) > LONGEST_NAME + 1 for one in channels):
        raise Faults(what=texts.name_channels())
    if len(channels) > plan.MOST_CHANNELS:
        raise Faults(what=texts.too_many_channels(plan.MOST_CHANNELS))
    return {"what": " ".join(channels)}


def _time(typed: str) -> dict[str, str]:
    """A time of day, or of each hour its minute (`:15`), and behind it perhaps a zone."""
    match = CLOCK_AND_ZONE.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if match is None:
        raise Faults(time=texts.no_time(typed))
    zone = (match[2] or "").strip()
    return {"time": _clock(match[1].casefold())} | ({"zone": _zone("time", zone)} if zone else {})


def _clock(typed: str) -> str:
    """`08:30`, `20:30` for `8:30 pm`, `:15`."""
    hour, minute, half = re.findall(r"([0-9]*)[:.]?([0-9]*)\s?([ap]?)", typed)[0]
    if int(minute or 0) > 59 or (int(hour or 0) > 23 if not half else int(hour or 0) not in range(1, 13)):
        raise Faults(time=texts.no_such_clock(typed.lstrip("0") if hour.strip("0") else typed))
    if half:
        hour = str(int(hour) % 12 + 12 * (half == "p"))
    return f"{hour.zfill(2) if hour else ''}:{minute or '00'}"


def _zone(name: str, typed: str) -> str:
    """A zone's own name, however it was written."""
    try:
        return ZoneInfo(typed).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = _zones()
    word = typed.casefold().replace(" ", "_")
    if word not in known:
        near = [known[one] for one in difflib.get_close_matches(word, known, 2)]
        raise Faults(**{name: texts.no_such_zone(typed, list(dict.fromkeys(near)))})
    return known[word]


@cache
def _zones() -> dict[str, str]:
    """All that there are, by their names in small letters, and by their places alone where there is one of that name."""
    every = sorted(available_timezones())
    places = Counter(name.rpartition("/")[2] for name in every)
    alone = {place: name for name in every if places[place := name.rpartition("/")[2]] == 1}
    return {known.casefold(): name for known, name in (alone | {name: name for name in every}).items()}


def _require_cron(typed: str, zone: str) -> None:
    try:
        Schedule.of(typed, zone)
    except schedule.NoSchedule as error:
        raise Faults(cron=CRON_FAULTS.get(type(error), texts.no_cron)(typed)) from None


def _quiet(typed: str) -> dict[str, str]:
    if not re.fullmatch(r"[0-9]{1,4}(?:[.,]0)?", typed) or int(float(typed.replace(",", "."))) > MOST_QUIET:
        raise Faults(quiet=texts.bad_quiet(typed, MOST_QUIET))
    return {"quiet": str(int(float(typed.replace(",", "."))))}


def _language(typed: str) -> dict[str, str]:
    spoken = plan.USUAL if typed.casefold() == plan.USUAL else languages.named(typed)
    if not spoken:
        raise Faults(language=summary_texts.no_such_language(typed))
    return {"language": spoken}


def _to(typed: str) -> dict[str, str]:
    word = typed.casefold()
    return {"to": word if word in (plan.ME, plan.HERE) or CHANNEL.fullmatch(word) else f"~{word}"}


_CHECKS: Mapping[str, Callable[[str], dict[str, str]]] = {
    "what": _what,
    "to": _to,
    "time": _time,
    "zone": lambda typed: {"zone": _zone("zone", typed)},
    "quiet": _quiet,
    "language": _language,
    "model": lambda typed: {"model": typed.casefold()},
}


def command(doing: str, number: int, said: Mapping[str, str]) -> str:
    """What says the same on one line, behind `/ai`."""
    when = said.get("when", "")
    words = ["digest", "" if doing == "create" else doing, f"{number}" if number else "", said.get("what", "")]
    words += [{"workdays": "weekdays"}.get(when, when).replace(",", " "), said.get("time", "")]
    flags = [f'--{name} "{value}"' if " " in value else f"--{name} {value}" for name, value in _flags(said)]
    return " ".join(filter(None, [*words, *flags]))


def _flags(said: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, said[name]) for name in FLAGS if said.get(name)]
