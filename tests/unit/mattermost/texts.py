"""Texts as models write them on bad days, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

FRAGMENTS = [
    "@bob", "@channel", "@", "`", "``", "```", "````", "~~~", "\n", "\n\n", "\r\n", " ", "    ", "   ", "\t", "- ", "1. ", "10. ",
    "> ", ">", "# ", "#release", "#", "*", "**", "***", "_", "~", "~town", "~~", ":p", ":)", ":100:", ":", ";)", "<3", "x-d",
    "\\",
    "[", "]", "(", ")", "](", "![", "[a](", "[a](http://evil.example)", "![i](http://evil.example/i.png)", "[r]: http://evil.example",
    "[a][r]", "[r]", "<http://evil.example>", "http://evil.example/?q=1", "www.evil.example", "https://mm.example/eng/pl/abc",
    "[1](https://mm.example/eng/pl/abc)", "[x](javascript:alert)", "bob@mail.example", "<img src=", "<", ">", "|", "|---|", "---",
    "===", "\u200b", "\u202e", "\u2060", "\u200d", "\u00ad", "👩\u200d💻", "👍🏽", "🇩🇪", "e\u0301", "\x00", "\ud800", "é",
    "中文", "word",
    "Bob", "kumquat", "2*3*4", "a_b", "code", "py", "10:30:45", "&#64;", "!", ".", "...", "'", '"', "=", "+", "$", "x",
]  # fmt: skip

texts = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join),
    st.text(max_size=60),
)
