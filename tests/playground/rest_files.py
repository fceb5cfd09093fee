"""The REST interface of files. NOT RECORDED: see files.py."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from tests.playground import files
from tests.playground.errors import bad_body
from tests.playground.rest import answer, me, mm

api = Blueprint("files", __name__, url_prefix="/api/v4")


@api.post("/files")
def upload() -> Response:
    """One or several as a form's `files` with its `channel_id`, or the body itself with both names in the query."""
    user = me()
    if "filename" in request.args:
        sent = [FileStorage(request.stream, request.args["filename"], content_type=request.content_type)]
    else:
        sent = request.files.getlist("files")
    channel_id = request.values.get("channel_id", "")
    if not sent or not channel_id:
        raise bad_body("channel_id" if sent else "files")
    kept = [
        files.upload(mm(), user, channel_id, one.filename or "", one.stream.read(), one.mimetype or "text/plain")
        for one in sent
    ]
    return answer({"file_infos": kept, "client_ids": request.form.getlist("client_ids")}, 201)


@api.get("/files/<file_id>")
def get_file(file_id: str) -> Response:
    """The bytes."""
    info = files.readable(mm(), me(), file_id)
    response = Response(files.content(mm(), info), content_type=info["mime_type"])
    response.headers.set("Content-Disposition", "attachment", filename=info["name"])
    return response


@api.get("/files/<file_id>/info")
def get_info(file_id: str) -> Response:
    """Name, size and type."""
    return answer(files.shown(mm(), files.readable(mm(), me(), file_id)))
