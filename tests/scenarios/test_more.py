"""More… under an answer: where it comes from, and what the one who looks at it may do with it."""

from __future__ import annotations

import pytest

from mmapp.jobs.post import THUMBS
from mmapp.mattermost import messages
from tests.line import Line
from tests.playground import shapes
from tests.playground.store import Doc
from tests.scenarios.test_delete import do_all


def answered(line: Line, question: str = "Why?", answer: str = "Because of the valve.") -> Doc:
    line.ask(line.ann, question, answer=answer)
    return line.posts()[-1]


def offered(dialog: Doc, name: str = "what") -> list[str]:
    """The values of a field's options; none where there is no such field."""
    elements = {element["name"]: element for element in dialog["dialog"]["elements"] or ()}
    return [option["value"] for option in elements[name]["options"]] if name in elements else []


def buttons(line: Line, post: Doc) -> list[str]:
    found = shapes.attachments(line.playground.post(post))
    return [one["name"] for part in found for one in part.get("actions") or ()]


def problem(answer: dict[str, object]) -> str:
    return str(answer.get("error") or answer.get("errors") or "")


def test_an_answer_has_one_button_when_it_is_done(line: Line) -> None:
    assert buttons(line, answered(line)) == ["More…"]


def test_a_long_answer_has_it_under_its_last_post_alone(line: Line) -> None:
    line.ask(line.ann, "Tell me everything.", answer="A line of the long answer.\n" * 900)
    assert [buttons(line, post) for post in line.posts()] == [[], ["More…"]]


def test_it_says_first_where_the_answer_comes_from(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="Because of the valve.")
    dialog = line.more(line.ann)["dialog"]
    assert dialog["title"] == "This answer"
    for told in ("**Model** tiny", "**Messages read** 1 of 1", "**Asked by** ann", "A model can be wrong"):
        assert told in dialog["introduction_text"]


def test_who_asked_may_do_everything_with_it(line: Line) -> None:
    answered(line)
    assert offered(line.more(line.ann)) == ["again", "with", "shorter", "delete"]


def test_an_admin_of_the_channel_may_delete_it_and_others_look(line: Line) -> None:
    answered(line)
    line.playground.make_channel_admin(line.carol, line.town)
    assert offered(line.more(line.carol)) == ["delete"]
    looked = line.more(line.bob)["dialog"]
    assert not looked["elements"]
    assert "Who asked can have it answered again" in looked["introduction_text"]


def test_a_private_answer_can_be_shared_and_one_that_all_read_need_not_be(line: Line) -> None:
    line.ask(line.ann, "--private Why?", answer="Because.")
    (post,) = line.posts(line.direct(line.ann))
    assert "share" in offered(line.more(line.ann, post))


# Delete


def test_delete_takes_question_and_answer(line: Line) -> None:
    answered(line)
    line.pick(line.ann, line.more(line.ann), what="delete")
    do_all(line)
    assert line.posts() == []


def test_an_admin_of_the_channel_deletes_it_too(line: Line) -> None:
    answered(line)
    line.playground.make_channel_admin(line.bob, line.town)
    line.pick(line.bob, line.more(line.bob), what="delete")
    do_all(line)
    assert line.posts() == []


def test_a_deleted_answer_s_dialog_says_that_it_is_gone(line: Line) -> None:
    post = answered(line)
    dialog = line.more(line.ann)
    line.say(line.ann, "delete")
    assert "was deleted" in problem(line.pick(line.ann, dialog, what="again"))
    line.playground.click(line.ann, line.playground.post(post), "More…")
    assert "was deleted" in line.playground.dialogs(line.ann)[-1]["dialog"]["introduction_text"]


# What is not to be trusted


@pytest.mark.parametrize("what", ["", "[object Object]", "rm", "share", "stop"])
def test_what_was_not_offered_is_refused_and_the_dialog_stays(line: Line, what: str) -> None:
    answered(line)
    assert line.pick(line.ann, line.more(line.ann), what=what)["errors"]["what"].startswith("Please pick one")


def test_another_person_s_submission_does_nothing(line: Line) -> None:
    answered(line)
    assert "nothing was changed" in problem(line.pick(line.bob, line.more(line.ann), what="delete"))
    do_all(line)
    assert len(line.posts()) == 1


def test_a_state_that_was_changed_or_made_up_does_nothing(line: Line) -> None:
    answered(line)
    dialog = line.more(line.ann)
    state = dialog["dialog"]["state"]
    for forged in (state[:-1], state.replace("more", "settings", 1), "more", "", "more x.y.z"):
        dialog["dialog"]["state"] = forged
        assert "nothing was changed" in problem(line.pick(line.ann, dialog, what="delete"))


def test_the_channel_on_screen_at_the_submission_does_not_matter(line: Line) -> None:
    post = answered(line)
    line.model.enqueue("The seal broke.")
    line.pick(line.ann, line.more(line.ann), line.direct(line.ann), what="again")
    line.settle()
    assert "The seal broke." in line.playground.post(post)["message"]


def test_a_refresh_or_a_look_up_of_a_client_does_nothing(line: Line) -> None:
    answered(line)
    dialog = line.more(line.ann)["dialog"]
    for kind in ("refresh", "dialog_lookup"):
        body = {"type": kind, "callback_id": dialog["callback_id"], "state": dialog["state"], "user_id": line.ann["id"]}
        body |= {"channel_id": line.town["id"], "team_id": line.team["id"], "submission": {"what": "delete"}}
        line.app.test_client().post("/mattermost/dialog", json=body)
    do_all(line)
    assert len(line.posts()) == 1


def test_who_looks_at_an_answer_sees_where_it_comes_from_though_nobody_tells_what_he_may(line: Line) -> None:
    answered(line)
    line.playground.faults.add(f"GET /api/v4/users/{line.bob['id']}", status=503, times=9)
    assert "**Model** tiny" in line.more(line.bob)["dialog"]["introduction_text"]


def test_its_button_under_somebody_s_own_post_does_nothing(line: Line) -> None:
    post = line.playground.post(answered(line))
    button = shapes.attachments(post)[0]["actions"][0]
    props = {"attachments": [messages.attachment([button])]}
    forged = line.playground.post_as(line.bob, line.town, "Look!", props=props)
    line.playground.click(line.bob, line.playground.post(forged), "More…")
    assert "no longer works" in line.playground.dialogs(line.bob)[-1]["dialog"]["introduction_text"]


def test_whoever_presses_as_soon_as_it_is_there_gets_the_dialog(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    add_reaction, shown = line.worker.client.add_reaction, list[Doc]()

    def pressed_before(*args: str) -> None:
        shown.append(line.more(line.ann))
        add_reaction(*args)

    monkeypatch.setattr(line.worker.client, "add_reaction", pressed_before)
    answered(line)
    assert [dialog["dialog"]["title"] for dialog in shown] == ["This answer"] * len(THUMBS)


def test_a_dialog_that_cannot_be_opened_says_where_the_answer_comes_from_in_words(line: Line) -> None:
    post = answered(line)
    line.playground.faults.add("POST /api/v4/actions/dialogs/open", status=500)
    line.playground.click(line.ann, line.playground.post(post), "More…")
    assert "**Model** tiny" in line.told(line.ann)[-1]
