"""The whole line in one process: a playground, Chorus' web side over HTTP, and a worker that is driven step by step."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import func, select, update
from werkzeug.serving import make_server

from llm.base import Model
from llm.registry import Registry
from llm.scripted import ScriptedModel, Step
from mmapp import services
from mmapp.chat.people import People
from mmapp.config import Settings
from mmapp.db import clock
from mmapp.jobs import begun, engines, lanes, queue, rewrite, worker
from mmapp.jobs.base import Worker
from mmapp.jobs.bots import Bot, Bots
from mmapp.jobs.claim import Claim
from mmapp.listen.ear import Ear
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Frame
from mmapp.models import Job
from mmapp.web.app import create_app
from mmapp.web.edge import Edge
from tests.conftest import KEY
from tests.playground import events
from tests.playground.store import Doc
from tests.playground.world import Answer, Playground, _Quiet

ROUNDS = 200  # jobs in one settling: more would be a loop


class Line:
    """People `ask` in a world of two channels; `settle` lets the worker do all that is due."""

    def __init__(
        self,
        database_url: str,
        models_dir: Path,
        *models: Model,
        age: str = "11",
        beside: Self | None = None,
        others: tuple[str, ...] = (),
        **settings: Any,
    ) -> None:
        """`beside`: a second installation in another line's world, with the same bot and a command `/ai2`. `others`: the
        names of further bots of this one, which are in every channel that its bot is in.

        Everybody may ask everywhere, unless a test is about that.
        """
        self._beside, self.trigger = beside, "ai2" if beside else "ai"
        self.playground = beside.playground if beside else Playground(age).start()
        self.playground.server.settings["TriggerSeconds"] = 60.0  # a busy machine is no slow app
        if beside is None:
            self._build(others)
        else:
            self.team, self.bot, self.town, self.secret = beside.team, beside.bot, beside.town, beside.secret
            self.ann, self.bob, self.carol, self.others = beside.ann, beside.bob, beside.carol, beside.others
        self._port = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
        url = f"http://127.0.0.1:{self._port.server_port}"
        token = self.playground.add_command(self.team, self.trigger, f"{url}/mattermost/slash", username="ai")
        self.settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            mattermost_url=self.playground.url,
            public_url=url,
            bot_tokens=tuple(
                (bot["username"], self.playground.token(bot)) for bot in (self.bot, *self.others.values())
            ),
            command_tokens=((self.team["id"], token),),
            secret_key=("t" if beside else "s") * 32,
            encryption_keys=(KEY,),
            database_url=database_url,
            models_dir=models_dir,
            **{"access": "everyone", "window": 2048} | settings,
        )
        self.app = create_app(self.settings)
        self._port.app = self.app
        self._thread = threading.Thread(target=self._port.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.model = ScriptedModel(name="tiny")
        self.worker = self._worker(
            Registry(models_dir, threads=1, window=self.settings.window, states_mb=64, extra=models or (self.model,))
        )
        self._heard = 0
        self.listeners = {bot.id: self._listener(bot) for bot in self.worker.bots.accepted()}
        self.listener = self.listeners[self.bot["id"]]
        self.beat = worker.pulse(self.worker)
        self.beat()

    def _build(self, others: tuple[str, ...]) -> None:
        """A team with three people and the bots, a channel of all and one without the bots."""
        self.team = self.playground.add_team("eng")
        self.ann, self.bob, self.carol = (self.playground.add_user(name) for name in ("ann", "bob", "carol"))
        self.bot = self.playground.add_bot("ai")
        self.others = {name: self.playground.add_bot(name) for name in others}
        people = (self.ann, self.bob, self.carol)
        self.town = self.playground.add_channel("O", "town", members=(*people, self.bot, *self.others.values()))
        self.secret = self.playground.add_channel("P", "secret", members=people)

    def _worker(self, registry: Registry) -> Worker:
        client = services.open_client(self.settings)
        database = services.open_database(self.settings)
        bots = Bots(self.settings, [Bot("ai", self.bot["id"], client, People(client))])  # known without a request
        bots.welcome()
        found = Worker(self.settings, database, bots, bots.main, registry)
        engines.list_models(found)
        return found

    def _listener(self, bot: Bot) -> Listener:
        return Listener(Ear(self.settings, self.worker.database, bot.client, bot.name, bot.id))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._port.shutdown()
        self._thread.join()
        self._port.server_close()
        worker.close(self.worker)
        edge: Edge = self.app.extensions["chorus"]
        edge.close()
        if self._beside is None:
            self.playground.stop()

    # What people do

    def say(self, who: Doc, text: str, channel: Doc | None = None, root: Doc | None = None) -> Answer:
        """Type `/ai …`, in the thread of `root` where one is given; the worker does nothing yet.

        5.37 does not tell the app about the thread, so people of that age name it.
        """
        if root and text.startswith("ask ") and self.playground.age == "5.37":
            text = f"ask --thread {self.playground.link(root)} {text.removeprefix('ask ')}"
        return self.playground.slash(who, channel or self.town, f"/{self.trigger} {text}", root["id"] if root else "")

    def ask(
        self, who: Doc, text: str, channel: Doc | None = None, root: Doc | None = None, *, answer: str | Step = ""
    ) -> Answer:
        """Type `/ai ask …`, have the model say `answer`, and wait until all is done."""
        if answer:
            self.model.enqueue(answer)
        said = self.say(who, f"ask {text}", channel, root)
        self.settle()
        return said

    def more(self, who: Doc, post: Doc | None = None) -> Doc:
        """Press More… under an answer, the newest one in the town unless told; the dialog that opens."""
        shown = len(self.playground.dialogs(who))
        pressed = self.playground.click(who, self.playground.post(post or self.posts()[-1]), "More…")
        assert pressed.status == 200, pressed
        (dialog,) = self.playground.dialogs(who)[shown:]
        return dialog

    def pick(self, who: Doc, dialog: Doc, at: Doc | None = None, /, **values: str) -> dict[str, Any]:
        """Fill in a dialog and submit it, looking at the town unless told; the errors, which keep it open."""
        submitted = self.playground.submit(who, dialog, values, at or self.town)
        assert submitted.status == 200, submitted
        return submitted.json or {}

    # What the worker does

    def claim(self, *queues: str) -> Claim | None:
        names = queues or ("admit", "notify", "post", queue.ORPHANS, *map(queue.model_queue, self.worker.models))
        return queue.claim(self.worker.database, list(names), self.settings.lease_seconds, self.worker.at_hand())

    def claimable(self, name: str) -> bool:
        """Whether something in this queue is due."""
        return name in queue.due(self.worker.database)

    def step(self, *queues: str) -> bool:
        """Do one due job of these queues; False where none is."""
        claimed = self.claim(*queues)
        if claimed is None:
            return False
        lanes.do(self.worker, claimed)
        return True

    def settle(self) -> int:
        """Do everything that is due, and take away what was begun for nothing; the number of jobs."""
        for done in range(ROUNDS):
            if not self.step():
                begun.take_away(self.worker)
                return done
        raise AssertionError("the line does not come to rest")

    def look(self) -> None:
        """The worker's beat that shows what is being written anew."""
        rewrite.show(self.worker)

    def hurry(self) -> None:
        """Let the time of every waiting retry come."""
        with self.worker.database.write() as session:
            session.execute(update(Job).where(Job.state == "queued").values(run_at=clock(session)))

    # What the listener does

    def hear(self, listener: Listener | None = None) -> None:
        """Take in what happened in the bots' channels since they were heard last, as each bot's WebSocket tells it.

        By one `listener` of the main bot's alone, where it is given.
        """
        ears = {self.bot["id"]: listener} if listener else self.listeners
        for event in self.playground.store.events(self._heard):
            self._heard = event["seq"]
            for bot_id, ear in ears.items():
                frame = json.dumps(events.message(self.playground.server, event, bot_id, 1))
                told = Frame.parse(frame.encode()).event()
                if told is not None and bot_id in event["receivers"]:
                    ear.take(told)

    def events_after(self, number: int) -> list[Doc]:
        """What the bot's WebSocket would have been sent behind this one."""
        return [one for one in self.playground.store.events(number) if self.bot["id"] in one["receivers"]]

    def mention(
        self, who: Doc, text: str, channel: Doc | None = None, root: Doc | None = None, *, answer: str | Step = ""
    ) -> Doc:
        """Post something, let the listener hear it and the model say `answer`, and wait until all is done; the post."""
        if answer:
            self.model.enqueue(answer)
        post = self.playground.post_as(who, channel or self.town, text, root or "")
        self.hear()
        self.settle()
        return post

    # What there is to see

    def posts(self, channel: Doc | None = None, bot: Doc | None = None) -> list[Doc]:
        """The bot's posts in a channel; the main one's, where none is named."""
        posts, mine = self.playground.posts(channel or self.town), (bot or self.bot)["id"]
        return [post for post in posts if post["user_id"] == mine and not post["type"]]

    def answers(self, channel: Doc | None = None, bot: Doc | None = None) -> list[str]:
        return [post["message"] for post in self.posts(channel, bot)]

    def direct(self, who: Doc, bot: Doc | None = None) -> Doc:
        return self.playground.direct(bot or self.bot, who)

    def private_answers(self, who: Doc, bot: Doc | None = None) -> list[str]:
        return self.answers(self.direct(who, bot), bot)

    def told(self, who: Doc) -> list[str]:
        """The ephemeral messages that somebody was shown, the acknowledgements included."""
        return [post["message"] for post in self.playground.ephemerals(who)]

    def jobs(self, state: str) -> int:
        with self.worker.database.read() as session:
            return session.scalar(select(func.count()).select_from(Job).where(Job.state == state)) or 0

    def prompt(self, number: int = -1) -> str:
        """All that the model was told for one answer."""
        prompt = self.model.history[number]
        return "\n".join([prompt.system, *(turn.text for turn in prompt.turns), prompt.question])


def expire(line: Line) -> None:
    """Let every lease run out, and the reaper come."""
    with line.worker.database.write() as session:
        past = clock(session) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.state == "running").values(lease_until=past))
    queue.reap(line.worker.database, partial(worker.on_dead, line.worker))
