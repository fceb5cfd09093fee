"""`/healthz`: this process answers. `/readyz`: it can do its work: the database is there, at the right migration."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from mmapp import migrate
from mmapp.errors import AppError
from mmapp.web.edge import edge

log = structlog.get_logger()
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    try:
        migrate.require_current(edge().database)
    except AppError as error:
        return jsonify({"status": "not ready", "why": error.sentence}), 503
    except SQLAlchemyError as error:
        log.warning("not ready: the database did not answer", exc_info=error)
        return jsonify({"status": "not ready", "why": "the database did not answer"}), 503
    return jsonify({"status": "ready"}), 200
