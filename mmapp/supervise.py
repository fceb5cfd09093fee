"""Everything on one machine: migrate, then run web and worker under supervisor, which starts again what dies."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

from mmapp import config, migrate, services
from mmapp.errors import AppError

PROGRAMS = {
    "web": ("-m", "gunicorn", "app:create_app()"),
    "worker": ("-m", "flask", "--app", "app", "worker"),
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
    """Check, migrate, and become the supervisor. Ends with a sentence where the settings or the database are wrong."""
    try:
        settings = config.load()
        database = services.open_database(settings)
        migrate.upgrade(database)
        database.close()
    except AppError as error:
        sys.exit(error.sentence)
    path = write_configuration(settings.var_dir.resolve())
    for descriptor in (1, 2):
        _make_reopenable(descriptor)
    os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(path)])  # noqa: S606


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
    """Supervisor's file: web and worker, restarted whenever they end, told to go by SIGTERM."""
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
