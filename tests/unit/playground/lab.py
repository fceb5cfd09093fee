"""The lab in which the exchanges were recorded, built again with its own ids."""

from __future__ import annotations

from typing import Any

from tests.playground import Playground, shapes
from tests.playground.store import Doc

TEAM = "s1zq7t91efbg3grxm46o4ofknr"
ALICE, BOB, CAROL = "tq8tbwk6ejnzib4rqxw3h5ngxr", "qb4gs1dg7frhx8bb8ctdgfxhyc", "pcf6khzw4jrp9dujta6acskmjc"
ADMIN, BOT = "75oyiu9cp7d6pxpzc5i4jxmpya", "7n6i6ef7utfp5f1pfz9h59knry"
AI_HELP, DEV, SECRET = "feajhid4xfggbe4n44b7snywdw", "4a4xyxcwfffnxm5b9twqrnwx3c", "upq3s46f5f8time8uu5kojomne"
NOBOT, OPEN, ARCHIVED = "mago4ig9tjbt7dytogpkxbnziw", "siyoeno14jfedqxoj1im1ddfio", "7gs7zfdjf7yminqbouygwb8wrh"
OTHER = "zr6h7ttp13bu9n6tfmhq3auayw"
DM_ALICE_BOT, DM_ALICE_BOB = "5eg17apqupyu3ygcwmbafkm84a", "q4f87348zpyqf8qhhwqru6etde"
DM_BOT_BOB, GROUP = "8hzoq8t8f7f85msxnyrhntsiya", "p3kjufiycpnkbyob11ub4aebyh"
BY_NAME = {"alice": ALICE, "bob": BOB, "carol": CAROL, "admin": ADMIN, "ai": BOT}


def lab(age: str = "11", app: str = "http://127.0.0.1:9", **settings: Any) -> Playground:
    """Team eng with its people and channels; `app` answers `/ai`."""
    old = {"EnableDeveloper": True, "EnablePostUsernameOverride": True} if age == "5.37" else {}
    playground = Playground(age, **(old | settings))
    team = playground.store.put(
        "team", TEAM, {"id": TEAM, "name": "eng", "display_name": "Eng", "delete_at": 0, "type": "O"}
    )
    for name, user_id in BY_NAME.items():
        more: Doc = {"roles": "system_admin system_user"} if name == "admin" else {}
        more |= {"is_bot": True} if name == "ai" else {}
        playground._add_account(name, team, f"{name}-token", more | {"id": user_id})
    everybody = [ALICE, BOB, CAROL, ADMIN, BOT]
    _channel(playground, AI_HELP, "O", "ai-help", everybody)
    _channel(playground, DEV, "O", "dev", everybody)
    _channel(playground, SECRET, "P", "secret", [ALICE, CAROL])
    _channel(playground, NOBOT, "O", "nobot", [ALICE])
    _channel(playground, OPEN, "O", "off-topic", [ALICE])
    _channel(playground, OTHER, "O", "other", [ALICE])
    _channel(playground, ARCHIVED, "O", "archived", everybody)
    _channel(playground, DM_ALICE_BOT, "D", "__".join(sorted([ALICE, BOT])), [ALICE, BOT])
    _channel(playground, DM_ALICE_BOB, "D", "__".join(sorted([ALICE, BOB])), [ALICE, BOB])
    _channel(playground, DM_BOT_BOB, "D", "__".join(sorted([BOB, BOT])), [BOB, BOT])
    _channel(playground, GROUP, "G", "e720529bc89f8aeedaf85d74edb3d5796f7b96b7", [ALICE, BOB, CAROL])
    playground.archive(ARCHIVED)
    playground.add_command(team, "ai", f"{app}/slash", token="abhahh8f1tnsud6okbbpr7tife", username="ai")
    return playground


def _channel(playground: Playground, channel_id: str, kind: str, name: str, members: list[str]) -> None:
    made = playground.server.new_channel("" if kind in "DG" else TEAM, kind, name, name.title())
    playground.store.drop("channel", made["id"])
    playground.store.put("channel", channel_id, made | {"id": channel_id})
    for user_id in members:
        playground.join(user_id, channel_id)


def post(
    playground: Playground, post_id: str, author: str = BOT, channel: str = AI_HELP, message: str = "m", **more: Any
) -> Doc:
    """A post that the recorded request names."""
    more["props"] = shapes.read_attachments(more.get("props") or ({"from_bot": "true"} if author == BOT else {}))
    made = shapes.new_post(author, channel, message, playground.server.clock.now(), **more)
    return playground.store.put_post(made | {"id": post_id})
