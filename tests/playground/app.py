"""The Flask application of the playground."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import Map, RuleFactory

from tests.playground import page, rest, rest_files, rest_integrations, rest_posts, rest_server, rest_socket
from tests.playground.errors import ApiError, no_page
from tests.playground.faults import Faults
from tests.playground.server import Mattermost
from tests.playground.sockets import Sockets


class _Routes(Map):
    """The routes of all playgrounds of a process, which are the same: compiling them took a fifth of a test's set-up."""

    def __init__(self) -> None:
        super().__init__(strict_slashes=False)
        self._known: set[tuple[object, ...]] = set()

    def add(self, rulefactory: RuleFactory) -> None:
        """Nothing, where another playground has brought it."""
        for rule in rulefactory.get_rules(self):
            known = (rule.rule, rule.endpoint, frozenset(rule.methods or ()), rule.websocket)
            if known not in self._known:
                self._known.add(known)
                super().add(rule)


_ROUTES = _Routes()


def create_app(server: Mattermost, faults: Faults, sockets: Sockets) -> Flask:
    """Interface, hooks and the page to try them by hand."""
    app = Flask(__name__, static_folder=None)
    app.url_map = _ROUTES
    app.extensions["mattermost"] = server
    app.extensions["sockets"] = sockets
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
