"""Days as people name them, in the languages that minutes are written in: weekdays, "tomorrow", and dates.

Names alone are known, and no grammar: what is found is compared with other days, and is no calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

# From Monday on. What ends in * may go on: "fridays", "freitagabend", "пятницу".
_WEEKDAYS = (
    "monday* montag* lundi* lunes lunedì segunda-feira maandag* poniedział* måndag* mandag* понедельник* понеділ* pondělí "
    "pazartesi* maanantai* hétfő* понеделник* دوشنبه",
    "tuesday* dienstag* mardi* martes martedì terça-feira dinsdag* wtorek wtorku tisdag* tirsdag* вторник* вівтор* úterý salı "
    "tiistai* kedd kedden marți سه‌شنبه",
    "wednesday* mittwoch* mercredi* miércoles mercoledì quarta-feira woensdag* środa środę środy onsdag* "
    "середа середу середи středa středu středy çarşamba* keskiviik* szerd* miercuri сряда چهارشنبه",
    "thursday* donnerstag* jeudi* jueves giovedì quinta-feira donderdag* czwartek czwartku torsdag* четверг* четвер четверга "
    "čtvrtek čtvrtku perşembe* torstai* csütörtök* joi четвъртък* پنجشنبه",
    "friday* freitag* vendredi* viernes venerdì sexta-feira vrijdag* piątek piątku fredag* пятниц* п'ятниц* п’ятниц* pátek "
    "pátku cuma perjantai* péntek* vineri петък* جمعه",
    "saturday* samstag* sonnabend* samedi* sábado* sabato zaterdag* sobota sobotę soboty lördag* lørdag* суббот* субот* "
    "sobotu cumartesi* lauantai* szombat* sâmbătă събота شنبه",
    "sunday* sonntag* dimanche* domingo* domenica zondag* niedziel* söndag* søndag* воскресень* неділ* neděle neděli "
    "sunnuntai* vasárnap* duminică یکشنبه",
)
# What is another word as well, and counts where a message says it: "sat", "a segunda versão", "three luni", "тестовую среду".
_ALSO = (
    "mon segunda luni thứ_hai", "tue tues terça thứ_ba", "wed quarta thứ_tư среда среду среды", "thu thur thurs quinta thứ_năm",
    "fri sexta thứ_sáu", "sat thứ_bảy", "sun pazar chủ_nhật неделя",
)  # fmt: skip
_UNSPACED = tuple(
    f"(?:星期|周|週|礼拜){chinese}|{japanese}曜|{korean}요일"
    for chinese, japanese, korean in zip("一二三四五六日", "月火水木金土日", "월화수목금토일", strict=True)
)
_FROM_TODAY = {
    -1: "yesterday gestern hier ayer ieri ontem gisteren wczoraj igår i_går вчера вчора včera dün eilen tegnap hôm_qua دیروز",
    1: "tomorrow morgen demain mañana domani amanhã jutro imorgon i_morgon i_morgen завтра zítra yarın huomenna holnap mâine "
    "утре ngày_mai فردا",
    2: "übermorgen après-demain dopodomani overmorgen pojutrze послезавтра післязавтра pozítří",
}
_FROM_TODAY_UNSPACED = {-1: "昨天|昨日|어제", 1: "明天|明日|내일", 2: "后天|後天|明後日|모레"}
_MONTHS = (
    "january januar janvier enero gennaio janeiro januari stycznia ledna января січня tammikuuta január ianuarie ocak януари",
    "february februar février febrero febbraio fevereiro februari lutego února февраля лютого helmikuuta február februarie "
    "şubat февруари",
    "march märz mars marzo março maart marca března marts марта березня maaliskuuta március martie mart март",
    "april avril abril aprile kwietnia dubna апреля квітня huhtikuuta április aprilie nisan април",
    "may mai mayo maggio maio mei maja května maj мая травня toukokuuta május mayıs май",
    "june juni juin junio giugno junho czerwca června июня червня kesäkuuta június iunie haziran юни",
    "july juli juillet julio luglio julho lipca července июля липня heinäkuuta július iulie temmuz юли",
    "august août agosto augustus sierpnia srpna augusti августа серпня elokuuta augusztus ağustos август",
    "september septembre septiembre settembre setembro września září сентября вересня syyskuuta szeptember septembrie eylül "
    "септември",
    "october oktober octobre octubre ottobre outubro października října октября жовтня lokakuuta október octombrie ekim "
    "октомври",
    "november novembre noviembre novembro listopada listopadu ноября листопада marraskuuta noiembrie kasım ноември",
    "december dezember décembre diciembre dicembre dezembro grudnia prosince декабря грудня joulukuuta decembrie aralık "
    "desember декември",
)
_SHORT = (
    "jan janv", "feb févr", "mar mär", "apr avr", "may", "jun", "jul juil", "aug", "sep sept", "oct okt", "nov", "dec dez déc",
)  # fmt: skip
LEAP = 2000  # a year that has all days
MONTH = "|".join(sorted({name for names in _MONTHS for name in names.split()} - {"may"}, key=len, reverse=True))
"""One in full, as it stands behind "20."; not in English, which writes no full stop there."""
_MONTH_OF = {
    name: number
    for number, names in enumerate(zip(_MONTHS, _SHORT, strict=True), 1)
    for name in " ".join(names).split()
}
_NAME = r"(?P<name>[^\W\d_]{3,14})\b\.?"
_YEAR = r"(?P<year>\d{4})(?!\w)"
DOTTED = re.compile(r"(?<![\d.,:])(\d{1,2})\.(\d{1,2})(?!\d|[.,:]\d)")
_DATES = tuple(
    re.compile(written, re.IGNORECASE)
    for written in (
        r"(?<![\w.,:-])(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])",
        rf"(?<![\w.,:])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}",
        rf"(?<![\w.,:/])(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/{_YEAR}",
        rf"(?<![\w.,:/])(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/{_YEAR}",
        r"(?:(?P<year>\d{4})\s?[年년]\s?)?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日号號일]",
        r"(?<!\w)(?P<day>\d{1,2}) tháng (?P<month>\d{1,2})(?: năm (?P<year>\d{4}))?(?!\w)",
        rf"(?<![\w.,:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s(?:of |de )?{_NAME}(?:,?\s(?:de )?{_YEAR})?",
        rf"(?<!\w){_NAME}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?(?![\w:/%]|[.,]\d)(?:,?\s{_YEAR})?",
        rf"(?<!\w){_NAME}\s(?:de )?{_YEAR}",
    )
)


def _one_of(words: str, unspaced: str) -> re.Pattern[str]:
    names = [re.escape(word.strip("*").replace("_", " ")) + r"\w{0,6}" * word.endswith("*") for word in words.split()]
    return re.compile(rf"(?<![\w\u200c])(?:{'|'.join(names)})(?![\w\u200c])|{unspaced}", re.IGNORECASE)


_CLAIMED = tuple(map(_one_of, _WEEKDAYS, _UNSPACED))
_NAMED = tuple(map(_one_of, map(" ".join, zip(_WEEKDAYS, _ALSO, strict=True)), _UNSPACED))
_NEAR = {days: _one_of(words, _FROM_TODAY_UNSPACED[days]) for days, words in _FROM_TODAY.items()}


def claimed(line: str) -> set[int]:
    """The weekdays that a line speaks of, Monday is 0; of words that are no weekday's name alone, none."""
    return {number for number, day in enumerate(_CLAIMED) if day.search(line)}


def named(text: str, at: datetime | None) -> set[int]:
    """The weekdays that a message names, also by a date; `at` is when it was posted, None where that is not known."""
    found = {number for number, day in enumerate(_NAMED) if day.search(text)}
    return found | {day.weekday() for day in _dated(text, at)}


def near(text: str, at: datetime | None) -> list[date]:
    """The day of a message, and those that it counts from it: "tomorrow"."""
    if at is None:
        return []
    counted = [days for days, words in _NEAR.items() if words.search(text)]
    return [at.date() + timedelta(days=number) for number in (0, *counted)]


def taken_out(line: str, *, says_may: bool = False) -> tuple[list[str], str]:
    """The dates of a line, as `2026-11-20`, `11-20` or `2026-11`, and the rest of it; `says_may`: "may 3" is one as well, and
    not who may do something."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        perhaps = match.groupdict().get("name") == "may" and not match["year"] and not says_may
        written = [] if perhaps else _written(match.groupdict())
        found.extend(written)
        return " " if written else match[0]

    for pattern in _DATES:
        line = pattern.sub(take, line)
    return found, line


def ways(text: str, at: datetime | None) -> set[str]:
    """All ways in which a line may write the days of a message: its own, and those that it names."""
    days = [*near(text, at), *_dated(text, at)]
    if at:
        days += _perhaps(text, at)
        weekdays = named(text, at)
        week = [at.date() + timedelta(days=number) for number in range(-6, 8)]
        days += [day for day in week if day.weekday() in weekdays]
    return set(taken_out(text, says_may=True)[0]).union(*map(_ways, days))


def _ways(day: date) -> set[str]:
    dotted = {f"{day.day}.{day.month}", f"{day.day:02}.{day.month:02}"}  # of "20.11.", what is a number
    american = {f"{day:%Y}-{day:%d-%m}"}  # 11/12/2026 is either of two days
    return dotted | american | {f"{day:%Y-%m-%d}", f"{day:%m-%d}", f"{day:%Y-%m}"}


def _dated(text: str, at: datetime | None) -> Iterator[date]:
    """The dates in a message; without a year, the nearest ones."""
    for found in taken_out(text, says_may=True)[0]:
        if len(found) == len("2026-11-20"):
            yield date.fromisoformat(found)
        elif at and len(found) == len("11-20"):
            month, day = map(int, found.split("-"))
            yield from _nearest(at, month, day)


def _nearest(at: datetime, month: int, day: int) -> list[date]:
    """The nearest day of that name; none where there is none in these years."""
    years = filter(None, (_real(year, month, day) for year in (at.year - 1, at.year, at.year + 1)))
    return sorted(years, key=lambda one: abs(one - at.date()))[:1]


def _perhaps(text: str, at: datetime) -> Iterator[date]:
    """What may be a date or a number in a message: `20.11.`"""
    for day, month in DOTTED.findall(text):
        yield from _nearest(at, int(month), int(day))


def _written(parts: dict[str, str | None]) -> list[str]:
    """A date as `taken_out` tells it, of the parts that a pattern has found; nothing where it is none."""
    name = parts.get("name")
    month = _MONTH_OF.get(name.casefold(), 0) if name else int(parts.get("month") or 0)
    year, day = int(parts.get("year") or 0), int(parts.get("day") or 0)
    if not _real(year or LEAP, month, day or 1):
        return []
    return ["-".join(filter(None, [f"{year:04}" if year else "", f"{month:02}", f"{day:02}" if day else ""]))]


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
