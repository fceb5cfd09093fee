"""The first tables"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bot", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.String(length=26), nullable=False),
        sa.Column("root_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversation_channel_id_root_id_person_id"),
            ["channel_id", "root_id", "person_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_conversation_person_id_bot"), ["person_id", "bot"], unique=False)
        batch_op.create_index(
            "uq_conversation_thread",
            ["bot", "channel_id", "root_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("root_id <> ''"),
            postgresql_where=sa.text("root_id <> ''"),
        )

    installation = op.create_table(
        "installation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.bulk_insert(installation, [{"id": uuid.uuid4().hex}])

    op.create_table(
        "model",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=False),
        sa.Column("n_ctx", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.String(length=500), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("load_seconds", sa.Double(), nullable=False),
        sa.Column("prefill", sa.Double(), nullable=False),
        sa.Column("decode", sa.Double(), nullable=False),
        sa.Column("answer_tokens", sa.Double(), nullable=False),
        sa.Column("leaf_tokens", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.JSON(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("memory", sa.BigInteger(), nullable=False),
        sa.Column("architecture", sa.String(length=32), nullable=False),
        sa.Column("quantisation", sa.String(length=32), nullable=False),
        sa.Column("licence", sa.String(length=100), nullable=False),
        sa.Column("good_for", sa.String(length=200), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_model")),
    )
    op.create_table(
        "model_away",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_model_away")),
    )
    op.create_table(
        "model_settings",
        sa.Column("owner_id", sa.String(length=100), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("instructions", sa.LargeBinary(), nullable=False),
        sa.Column("temperature", sa.Double(), nullable=True),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("allowed", sa.JSON(), nullable=False),
        sa.Column("blocked", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.String(length=26), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_model_settings")),
    )
    op.create_table(
        "heard",
        sa.Column("bot", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bot", name=op.f("pk_heard")),
    )
    op.create_table(
        "person_settings",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("note_when_late", sa.Boolean(), nullable=False),
        sa.Column("thumbs", sa.Boolean(), nullable=False),
        sa.Column("silence", sa.Integer(), nullable=False),
        sa.Column("member_of", sa.String(length=26), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_settings")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("warm", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("question_id", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("bot", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("person_name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("manner", sa.LargeBinary(), nullable=False),
        sa.Column("read_until", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("rewriting", sa.String(length=8), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["question_id"], ["message.id"], name=op.f("fk_message_question_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("question_id", name=op.f("uq_message_question_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_marked"), ["marked"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_rewriting"), ["rewriting"], unique=False)

    op.create_table(
        "channel_settings",
        sa.Column("channel_id", sa.String(length=26), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("public", sa.String(length=8), nullable=False),
        sa.Column("set_by", sa.String(length=26), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_settings")),
    )
    op.create_table(
        "closed_channel",
        sa.Column("channel_id", sa.String(length=26), nullable=False),
        sa.Column("closed_by", sa.String(length=26), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_closed_channel")),
    )
    op.create_table(
        "node",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_node")),
    )
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_node_used_at"), ["used_at"], unique=False)

    op.create_table(
        "node_span",
        sa.Column("node_key", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.String(length=26), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["node_key"], ["node.key"], name=op.f("fk_node_span_node_key_node")),
        sa.PrimaryKeyConstraint("node_key", "channel_id", name=op.f("pk_node_span")),
    )
    with op.batch_alter_table("node_span", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_node_span_channel_id_first_at"), ["channel_id", "first_at"], unique=False)

    op.create_table(
        "saved_prompt",
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("saved_by", sa.String(length=26), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "name", name=op.f("pk_saved_prompt")),
    )
    op.create_table(
        "answer_post",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["message.id"], name=op.f("fk_answer_post_request_id_message")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_answer_post")),
    )
    with op.batch_alter_table("answer_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_post_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_post_state"), ["state"], unique=False)

    op.create_table(
        "rating",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["message.id"], name=op.f("fk_rating_request_id_message")),
        sa.PrimaryKeyConstraint("request_id", "person_id", name=op.f("pk_rating")),
    )
    op.create_table(
        "spent",
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_spent")),
    )
    with op.batch_alter_table("spent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_spent_at"), ["spent_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("queue", sa.String(length=160), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("class", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("channel_id", sa.String(length=26), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("estimate", sa.Double(), nullable=False),
        sa.Column("model_seconds", sa.Double(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("parts_done", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["message.id"], name=op.f("fk_job_request_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_job_dedupe_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_state_queue_run_at"), ["state", "queue", "run_at"], unique=False)
        for each in ("person", "channel"):
            batch_op.create_index(
                f"ix_job_asked_{each}",
                [f"{each}_id", "created_at"],
                unique=False,
                sqlite_where=sa.text("kind IN ('admit', 'make')"),
                postgresql_where=sa.text("kind IN ('admit', 'make')"),
            )

    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bot", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("person_name", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.String(length=26), nullable=False),
        sa.Column("team_name", sa.String(length=64), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("to_channel", sa.String(length=26), nullable=False),
        sa.Column("line", sa.String(length=100), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("window", sa.String(length=8), nullable=False),
        sa.Column("quiet", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("read_until", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_key", sa.String(length=16), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("folds", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("told", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
    )
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_to_channel"), ["to_channel"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_state_next_at"), ["state", "next_at"], unique=False)

    op.create_table(
        "digest_run",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("folds", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_run_digest_id_digest")),
        sa.ForeignKeyConstraint(["request_id"], ["message.id"], name=op.f("fk_digest_run_request_id_message")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_digest_run")),
    )
    with op.batch_alter_table("digest_run", schema=None) as batch_op:
        batch_op.create_index("uq_digest_run_key", ["digest_id", "key"], unique=True)
        batch_op.create_index(batch_op.f("ix_digest_run_state_ended_at"), ["state", "ended_at"], unique=False)

    op.create_table(
        "digest_item",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("section", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("channel_id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("root_id", sa.String(length=26), nullable=False),
        sa.Column("post_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=26), nullable=False),
        sa.Column("done_with", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_item_digest_id_digest")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["digest_run.request_id"], name=op.f("fk_digest_item_request_id_digest_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_item")),
    )
    with op.batch_alter_table("digest_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_item_digest_id_done_at"), ["digest_id", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_item_channel_id_post_at"), ["channel_id", "post_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_item_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_item_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_item_root_id"), ["root_id"], unique=False)


def downgrade() -> None:
    for table, indexes in (
        (
            "digest_item",
            (
                "ix_digest_item_root_id",
                "ix_digest_item_request_id",
                "ix_digest_item_post_id",
                "ix_digest_item_channel_id_post_at",
                "ix_digest_item_digest_id_done_at",
            ),
        ),
        ("digest_run", ("ix_digest_run_state_ended_at", "uq_digest_run_key")),
        ("digest", ("ix_digest_state_next_at", "ix_digest_to_channel", "ix_digest_person_id")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for index in indexes:
                batch_op.drop_index(index)
        op.drop_table(table)
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_asked_channel")
        batch_op.drop_index("ix_job_asked_person")
        batch_op.drop_index(batch_op.f("ix_job_state_queue_run_at"))
        batch_op.drop_index(batch_op.f("ix_job_ended_at"))
        batch_op.drop_index(batch_op.f("ix_job_request_id"))

    op.drop_table("job")
    with op.batch_alter_table("spent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spent_spent_at"))

    op.drop_table("spent")
    op.drop_table("rating")
    with op.batch_alter_table("answer_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_post_state"))
        batch_op.drop_index(batch_op.f("ix_answer_post_request_id"))

    op.drop_table("answer_post")
    op.drop_table("saved_prompt")
    with op.batch_alter_table("node_span", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_node_span_channel_id_first_at"))

    op.drop_table("node_span")
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_node_used_at"))

    op.drop_table("node")
    op.drop_table("closed_channel")
    op.drop_table("channel_settings")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_rewriting"))
        batch_op.drop_index(batch_op.f("ix_message_post_id"))
        batch_op.drop_index(batch_op.f("ix_message_marked"))
        batch_op.drop_index(batch_op.f("ix_message_conversation_id"))

    op.drop_table("message")
    op.drop_table("worker")
    op.drop_table("person_settings")
    op.drop_table("heard")
    op.drop_table("model_settings")
    op.drop_table("model")
    op.drop_table("installation")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("uq_conversation_thread")
        batch_op.drop_index(batch_op.f("ix_conversation_person_id_bot"))
        batch_op.drop_index(batch_op.f("ix_conversation_channel_id_root_id_person_id"))

    op.drop_table("conversation")
