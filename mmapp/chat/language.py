"""Which language a text is in, by each language's commonest small words, which are in every second sentence of it.

It is for one question alone: whether the words of two texts can be compared. Where it is not clear, it says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from mmapp.chat import exact
from mmapp.languages import NAMES

_SMALL = {
    "en": "the and of to is that it for was with this you are have not we what they be on",
    "de": "der die und ist nicht das ich wir zu ein eine mit auf den für es auch sie von dass",
    "fr": "le la les et est que des pas une pour dans nous vous je il qui sur avec du ce",
    "es": "el que los las es una por con para no se del está pero lo y como más ya hay",
    "it": "il che non è per una di sono con della ma ho lo gli si anche questo nel come ci",
    "pt": "que não é uma os para com por mas do da em foi isso está mais como você ele são",
    "nl": "de het een en van is dat niet ik we op te met voor zijn er maar ook naar wat",
    "pl": "nie się jest na to że do jak ale czy tak już tylko po co dla od przez być mamy",
    "sv": "och att det är som en på inte jag vi för med har till den av om kan men så",
    "da": "og at det er en på ikke jeg vi for med har til den af som kan men så skal",
    "ru": "и в не на что с это как но по мы я у за из для так уже есть или",
    "uk": "і в не на що з це як але та ми я у за для так вже є або від",
    "cs": "je se na že to ale jsem jak tak pro jako by už co nebo není jsou když také aby",
    "tr": "bir ve bu için de da ne var çok ama gibi daha ile o ben değil mi kadar sonra",
}
_WORDS = {code: frozenset(words.split()) for code, words in _SMALL.items()}
_KANA, _HANGUL, _HAN = re.compile("[\u3040-\u30ff]"), re.compile("[\uac00-\ud7a3]"), re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+")
ENOUGH = 0.08  # of the words are small ones of the language; talk in another one has few of them
CLEARLY = 1.3  # times as many as of the next language
_NEAR = {NAMES[code] for code in ("da", "nb", "sv", "ru", "uk", "bg")}
FEW, SHARED = 8, 0.2  # words to judge by, and how many of them at least are in a long text of the same language
MOST = 0.5  # of few words stand in the text: then they are its own
NEW = 0.05  # of the letters of a text are of a script that it is written in
LOOKED = 20_000  # characters


def guess(texts: Iterable[str]) -> str:
    """The English name of the language that most of this is in; empty where it is not clear."""
    text = _beginning(texts)
    if script := _by_script(text):
        return script
    found = [word.casefold() for word in _WORD.findall(text)]
    counts = Counter({code: sum(word in small for word in found) for code, small in _WORDS.items()})
    (best, most), (_, second) = counts.most_common(2)
    return NAMES[best] if most > ENOUGH * len(found) and most > CLEARLY * second else ""


def differs(lines: Iterable[str], posts: Iterable[str], wanted: str = "") -> bool:
    """Whether lines are in another language than posts; `wanted` is the one that they were to be in, empty for any.

    By their scripts; by the languages' names where these are clear, and not as near as Danish and Norwegian, of few words by
    the wanted one; else by their words: of a text in the same language most are in a longer one too, the small ones at least.
    """
    written, said = list(lines), list(posts)
    if _is_new(_beginning(written), _beginning(said)):
        return True
    words = [word.casefold() for line in written for word in _WORD.findall(line)]
    known = {word.casefold() for word in _WORD.findall(_beginning(said))}
    shared = sum(word in known for word in words) / max(1, len(words))
    few = len(words) < FEW
    mine, theirs = wanted if few else guess(written), guess(said)
    if mine and theirs and not {mine, theirs} <= _NEAR:
        return mine != theirs and not (few and shared >= MOST)
    return not few and shared < SHARED


def _is_new(line: str, text: str) -> bool:
    """Whether a line is in a script that hardly a letter of the text is in."""
    mine, theirs = _scripts(line), _scripts(text)
    if not mine or not theirs:
        return False
    script, _ = mine.most_common(1)[0]
    return theirs[script] < NEW * theirs.total()


def _scripts(text: str) -> Counter[str]:
    """How many letters are of each script."""
    letters = Counter(letter for letter in text if letter.isalpha())
    scripts: Counter[str] = Counter()
    for letter, count in letters.items():
        scripts[exact.script(letter)] += count
    return scripts


def _by_script(text: str) -> str:
    letters = max(1, len(text))
    if len(_KANA.findall(text)) > letters / 20:
        return NAMES["ja"]
    if len(_HANGUL.findall(text)) > letters / 10:
        return NAMES["ko"]
    return NAMES["zh"] if len(_HAN.findall(text)) > letters / 10 else ""


def _beginning(texts: Iterable[str]) -> str:
    parts: list[str] = []
    length = 0
    for text in texts:
        parts.append(text)
        length += len(text)
        if length > LOOKED:
            break
    return " ".join(parts)[:LOOKED]
