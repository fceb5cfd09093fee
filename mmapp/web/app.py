"""The Flask application: its routes, its limits, and the one place where errors become answers."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from mmapp import buttons, config, dialogs, logs, services
from mmapp.config import Settings
from mmapp.errors import AppError, DatabaseDown, Faults, Refused
from mmapp.mattermost import messages
from mmapp.signing import Signer
from mmapp.texts import engine as engine_texts
from mmapp.texts import trust
from mmapp.texts.plain import begun_by
from mmapp.web import action, dialog, health, slash
from mmapp.web.edge import Edge

log = structlog.get_logger()

MAX_BODY = 4 * 2**20  # 5.37 passes commands of any length on: 1.2 MB arrived


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Raises ConfigError, and WrongRevision where the database is not at this version's migration.

    A database that is down is not waited for: people are told so, with their words given back, until it is up.
    """
    settings = settings or config.load()
    logs.configure(settings.log_level)
    services.warn_of_open_secrets()
    signer = Signer(settings.secret_key.get_secret_value())
    with services.explained(settings):
        clients = {name: services.open_client(settings, name) for name in dict(settings.bot_tokens)}
        edge = Edge(settings, services.make_database(settings), signer, clients)
    _check(edge)
    app = Flask("chorus", root_path=str(config.ROOT))
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY)
    app.extensions["chorus"] = edge
    for blueprint in (slash.blueprint, action.blueprint, dialog.blueprint, health.blueprint):
        app.register_blueprint(blueprint)
    app.register_error_handler(AppError, _told)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(SQLAlchemyError, _not_saved)
    app.register_error_handler(Exception, _unexpected)
    return app


def _check(edge: Edge) -> None:
    try:
        with services.explained(edge.settings):
            _ = edge.database
    except DatabaseDown as error:
        log.error("the database is down; people are told so until it is up", why=error.sentence)
    except AppError:
        edge.close()
        raise


def _told(error: AppError) -> Response:
    if isinstance(error, Faults):
        # A field's error is shown as it is: backticks would stand in it.
        return jsonify({"errors": {element: told.replace("`", "") for element, told in error.by_element.items()}})
    text = error.sentence
    if isinstance(error, Refused):
        text = slash.with_words(text, error.words)
    return _say(text)


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return _say(trust.too_large())


def _not_saved(error: SQLAlchemyError) -> Response:
    error_id = logs.new_error_id()
    log.error("the database refused", error_id=error_id, exc_info=error)
    return _say(slash.with_words(trust.database_down(error_id)))


def _unexpected(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    error_id = logs.new_error_id()
    log.error("a request failed", error_id=error_id, path=request.path, exc_info=error)
    return _say(slash.with_words(engine_texts.unexpected(error_id)))


def _say(text: str) -> Response:
    """Always 200 with an object: Mattermost shows people its own words for anything else, and keeps nothing."""
    if request.path == buttons.PATH:
        return jsonify(action.refused(text))
    if request.path == dialogs.PATH:
        return jsonify({"error": text})
    return jsonify(messages.ephemeral(begun_by(slash.bot(), text)))
