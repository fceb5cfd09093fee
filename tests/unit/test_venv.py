"""scripts/venv.sh and the Makefile: which Python .venv is made with, and when it is made anew."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mmapp.config import ROOT

# Answers what the script asks a Python: is it supported, which version, can it make environments.
PYTHON = """#!/bin/sh
case "$*" in
*ensurepip*) [ {ensurepip} = yes ] || [ -e {installed} ] ;;
*print*) echo python{version}-venv ;;
*version_info*) [ {supported} = yes ] ;;
--version) echo "Python {version}" ;;
"-m venv .venv") mkdir -p .venv/bin; echo {version} > .venv/made-by ;;
*) exit 1 ;;
esac
"""


class House:
    """A folder with the script and the Makefile, and a PATH whose Pythons and apt-get are made up."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder / "house", folder / "bin"
        self.installed = folder / "installed"
        (self.folder / "scripts").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("Makefile", "scripts/venv.sh", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, self.folder / name)
        for version in ("3", "3.13", "3.12", "3.11"):
            self.python(f"python{version}", "3.9", supported="no")
        self.program("id", "#!/bin/sh\necho 0\n")
        self.program("apt-get", f'#!/bin/sh\n[ "$1" = update ] || echo "$*" >> {self.installed}\n')

    def program(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def python(self, name: str, version: str, ensurepip: str = "yes", supported: str = "yes") -> Path:
        text = PYTHON.format(version=version, ensurepip=ensurepip, supported=supported, installed=self.installed)
        return self.program(name, text)

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.bin}:/usr/bin:/bin", **more}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    @property
    def made_by(self) -> str:
        return (self.folder / ".venv" / "made-by").read_text().strip()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_python_that_can_make_environments_goes_before_one_that_cannot(house: House) -> None:
    house.python("python3", "3.12", ensurepip="no")
    house.python("python3.11", "3.11")
    assert house.run("scripts/venv.sh").returncode == 0
    assert house.made_by == "3.11"
    assert not house.installed.exists()


@pytest.mark.parametrize(("wanted", "version"), [("python3", "3.12"), ("python3.13", "3.13")])
def test_where_none_can_the_package_of_that_python_is_installed(house: House, wanted: str, version: str) -> None:
    house.python(wanted, version, ensurepip="no")
    assert house.run("scripts/venv.sh", PYTHON=wanted).returncode == 0
    assert f"python{version}-venv" in house.installed.read_text()
    assert house.made_by == version


def test_who_may_not_install_reads_which_package_is_missing(house: House) -> None:
    house.program("id", "#!/bin/sh\necho 1000\n")
    house.python("python3.13", "3.13", ensurepip="no")
    ended = house.run("scripts/venv.sh")
    assert ended.returncode == 1
    assert "sudo apt-get install python3.13-venv" in ended.stderr


def test_a_wanted_python_that_is_too_old_gives_way_to_the_system_s(house: House) -> None:
    house.python("python3", "3.12")
    house.run("scripts/venv.sh", PYTHON="python3.13")
    assert house.made_by == "3.12"


def finished(house: House, python: Path) -> None:
    """A .venv that is set up with this Python."""
    (house.folder / ".venv" / "bin").mkdir(parents=True)
    (house.folder / ".venv" / "bin" / "python").symlink_to(python)
    for stamp in ("app", "dev"):
        (house.folder / ".venv" / stamp).touch()


def test_what_is_set_up_is_not_set_up_again(house: House) -> None:
    finished(house, house.program("sound", "#!/bin/sh\nexit 0\n"))
    assert "Nothing to be done" in house.run("make", "-n", "setup").stdout


@pytest.mark.parametrize("target", ["setup", "lint"])
def test_a_venv_whose_python_is_gone_is_set_up_again(house: House, target: str) -> None:
    finished(house, house.bin / "gone")
    assert "scripts/venv.sh" in house.run("make", "-n", target).stdout


def test_a_venv_whose_python_lost_its_packages_is_set_up_again(house: House) -> None:
    finished(house, house.program("bare", '#!/bin/sh\n[ "$2" != pip ]\n'))
    assert "scripts/venv.sh" in house.run("make", "-n", "setup").stdout
