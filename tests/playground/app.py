"""The Flask application of the playground."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.playground import page, rest, rest_files, rest_integrations, rest_posts, rest_server, rest_socket
from tests.playground.errors import ApiError, no_page
from tests.playground.faults import Faults
from tests.playground.server import Mattermost
from tests.playground.sockets import Sockets


class _Route(Rule):
    """Nobody builds addresses of the interface; compiling how took a tenth of each test that starts a playground."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        if self.rule.startswith("/api/"):
            return lambda _rule, **_values: None
        return super()._compile_builder(append_unknown)


class _App(Flask):
    url_rule_class = _Route


def create_app(server: Mattermost, faults: Faults, sockets: Sockets) -> Flask:
    """Interface, hooks and the page to try them by hand."""
    app = _App(__name__, static_folder=None)
    app.extensions["mattermost"] = server
    app.extensions["sockets"] = sockets
    app.url_map.strict_slashes = False
    faults.install(app)
    app.register_error_handler(ApiError, rest.on_error)
    app.register_error_handler(404, lambda _: rest.on_error(no_page()))
    app.after_request(rest.stamp)
    app.register_blueprint(rest_posts.api)  # rest.py's own, with the routes of posts added
    app.register_blueprint(rest_integrations.api)  # rest_admin.py's, in the same way
    app.register_blueprint(rest_server.api)
    app.register_blueprint(rest_files.api)
    app.register_blueprint(rest_socket.api)
    app.register_blueprint(rest.hooks)
    app.register_blueprint(page.pages)
    app.add_url_rule("/static/<path:filename>", "static", page.static)
    return app
