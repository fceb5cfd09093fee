"""How gunicorn serves Chorus. It finds this file by itself."""

import sys as _sys

from mmapp import config as _config  # without the underscore gunicorn takes it for its own setting of that name
from mmapp import logs as _logs
from mmapp.errors import ConfigError as _ConfigError

try:
    _settings = _config.load()
except _ConfigError as error:
    _sys.exit(error.sentence)

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = 1  # a request writes one row and answers: threads are enough, and memory stays small
threads = 8
timeout = 30  # seconds; Mattermost gives up after as many
graceful_timeout = 10
keepalive = 5
control_socket_disable = True  # it would lie in the home directory, one for all
forwarded_allow_ips = "127.0.0.1"


def on_starting(_server: object) -> None:
    """gunicorn's own lines go where ours go, as JSON."""
    _logs.configure(_settings.log_level)


logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"level": _settings.log_level, "handlers": []},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": False},
    },
}
