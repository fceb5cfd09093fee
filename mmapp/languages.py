"""Languages: their English names, as prompts hold them, by Mattermost's locale or as people type them."""

from __future__ import annotations

NAMES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "en": "English", "es": "Spanish", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "hu": "Hungarian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nb": "Norwegian",
    "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_OWN_NAMES = {
    "deutsch": "de", "español": "es", "français": "fr", "italiano": "it", "nederlands": "nl", "polski": "pl",
    "português": "pt", "svenska": "sv", "dansk": "da", "norsk": "nb", "suomi": "fi", "čeština": "cs", "magyar": "hu",
    "română": "ro", "türkçe": "tr", "русский": "ru", "українська": "uk", "български": "bg", "tiếng việt": "vi",
    "日本語": "ja", "한국어": "ko", "中文": "zh", "فارسی": "fa",
}  # fmt: skip


def named(wanted: str) -> str:
    """The English name of a language as people type it: `de`, `german`, `Deutsch`; empty for one that is not known."""
    word = wanted.strip().casefold()
    code = word.replace("_", "-").partition("-")[0]
    by_name = {name.casefold(): name for name in NAMES.values()}
    return NAMES.get(code) or by_name.get(word) or NAMES.get(_OWN_NAMES.get(word, ""), "")
