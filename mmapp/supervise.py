"""Everything on one machine: migrate, then run all four programs under supervisor, which starts again what dies."""

from __future__ import annotations

import errno
import fcntl
import os
import shlex
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

from mmapp import announce, config, services
from mmapp.config import Settings
from mmapp.errors import AppError, ConfigError, DatabaseDown
from mmapp.texts import admin

RETRY_EVERY = 5.0
PROGRAMS = {
    "web": ("-m", "gunicorn", "app:create_app()"),
    "worker": ("-m", "flask", "--app", "app", "worker"),
    "scheduler": ("-m", "flask", "--app", "app", "scheduler"),
    "listener": ("-m", "flask", "--app", "app", "listener"),
}
HEAD = """[supervisord]
nodaemon=true
user={user}
logfile=/dev/null
logfile_maxbytes=0
pidfile={var}/supervisord.pid
loglevel=warn
"""
PROGRAM = """
[program:{name}]
command={command}
directory={root}
autorestart=true
startsecs=2
startretries=1000000
stopsignal=TERM
stopwaitsecs=20
killasgroup=true
stdout_logfile=/dev/fd/1
stdout_logfile_maxbytes=0
stderr_logfile=/dev/fd/2
stderr_logfile_maxbytes=0
"""


def run_everything() -> None:
    """Check, migrate, and become the supervisor. Ends with a sentence where a person must do something first."""
    at_terminal = sys.stderr.isatty()
    for descriptor in (1, 2):
        _append(descriptor)
    if at_terminal:
        sys.stderr.write(f"{admin.starting()}\n")
    try:
        services.require_set_up()
        settings = config.load()
        _require_free(settings.host, settings.port)
        _release(settings)
    except AppError as error:
        sys.exit(error.sentence)
    path = write_configuration(settings.var_dir.resolve())
    if at_terminal:
        announce.when_it_runs(settings)
    for descriptor in (1, 2):
        _make_reopenable(descriptor)
    os.execv(sys.executable, [sys.executable, "-m", "mmapp.supervised", str(path)])  # noqa: S606


def _require_free(host: str, port: int) -> None:
    """The web side would try a taken port again and again, while a second worker runs. Raises ConfigError."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            tried.bind(address)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = error.strerror or type(error).__name__
        raise ConfigError(admin.port_taken(host, port) if taken else admin.no_port(host, port, why)) from None


def _release(settings: Settings) -> None:
    """After a power cut a database's server often comes up later than we do: whoever gave up then would stay down.

    Raises what `services.release` and `ready_database` raise, but DatabaseDown.
    """
    while True:
        try:
            services.release(settings)
            services.ready_database(settings).close()
        except DatabaseDown as error:
            sys.stderr.write(f"{error.sentence} {admin.waiting(RETRY_EVERY)}\n")
            time.sleep(RETRY_EVERY)
        else:
            return


def _append(descriptor: int) -> None:
    """In a file that a shell opened with `>`, our own lines would be written over those of web and worker."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_APPEND)


def _make_reopenable(descriptor: int) -> None:
    """Supervisor opens its outputs by name, and a socket, which is what systemd gives us, cannot be opened so: without
    this, nothing would be started. A pipe can; `cat` ends with it, and not by a signal to the whole group before it."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return
    patient = ["sh", "-c", "trap '' INT TERM; exec cat"]
    reading, writing = os.pipe()
    subprocess.Popen(patient, stdin=reading, stdout=descriptor)
    os.dup2(writing, descriptor)
    os.close(reading)
    os.close(writing)


def write_configuration(folder: Path) -> Path:
    """Supervisor's file: each program, restarted whenever they end, told to go by SIGTERM."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = HEAD.format(user=os.geteuid(), var=_escaped(folder))
    for name, arguments in PROGRAMS.items():
        command = shlex.join([sys.executable, *arguments])
        text += PROGRAM.format(name=name, command=_escaped(command), root=_escaped(config.ROOT))
    path = folder / "supervisord.conf"
    path.write_text(text)
    return path


def _escaped(value: object) -> str:
    """Supervisor expands % in its options; a path may hold one."""
    return str(value).replace("%", "%%")
