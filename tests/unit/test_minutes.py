"""A summary as people read it."""

from __future__ import annotations

from dataclasses import replace

from mmapp.chat.notes import Line
from mmapp.chat.read import Said
from mmapp.jobs.minutes import Links


def test_two_pieces_of_one_file_open_one_message_and_have_one_number() -> None:
    first = Said("file.1", "id-ann", "ann's file plan.txt", "one", 0, channel_id="town", opens="post1")
    posts = {
        "file.1": first,
        "file.2": replace(first, post_id="file.2"),
        "post2": replace(first, post_id="post2", opens=""),
    }
    links = Links("http://chat", "eng", posts, {"town"}, {}, {})
    assert links.of(Line("The plan", posts=("file.1", "file.2", "post2"))) == (
        " [[1]](http://chat/eng/pl/post1) [[2]](http://chat/eng/pl/post2)"
    )
