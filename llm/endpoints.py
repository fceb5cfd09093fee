"""models.toml: the models that run behind endpoints, and the engine that somebody wants for a file.

    ["llama-3.3-70b"]
    url = "https://inference.example.org/v1"
    model = "meta-llama/Llama-3.3-70B-Instruct"
    window = 32768
    concurrency = 4
    key_variable = "INFERENCE_KEY"

    [files."Qwen3-8B-Q4_K_M.gguf"]
    engine = "llamacpp"

A fault in one section is a sentence about that one; the others are as they would be without it. docs/MODELS.md has the fields.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import ssl
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llm.base import ModelInfo
from llm.describe import BUILT_IN, ENGINES, LONGEST_NAME, friendly

FILE = "models.toml"
FILES = "files"  # the section about files: no endpoint can be called so
LIMITS = {"window": (512, 10_000_000), "concurrency": (1, 64)}
LIMITS |= {"connect_seconds": (1, 60), "first_seconds": (1, 3600), "between_seconds": (1, 3600)}
SETTINGS_PREFIX = "CHORUS_"
KEY = re.compile(r"[!-~]+")  # what a header can carry; the client would take its own failure for the network's


class Wrong(Exception):
    """A section that cannot be used: the rest of the sentence behind its name."""


@dataclass(frozen=True)
class Network:
    """How endpoints are reached: whose certificates are believed, a proxy's address, and what looks a key up by the name of its
    variable, empty where there is none."""

    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    proxy: str | None = field(default=None, repr=False)
    secret: Callable[[str], str] = lambda _name: ""


@dataclass(frozen=True)
class Endpoint:
    """A model behind an endpoint that speaks the OpenAI protocol.

    `window` in tokens; `concurrency`: how many answers at a time; seconds to wait for a connection, for the first token and
    between tokens; `thinks`: its answers begin with thoughts, of which only the end is marked; `system_role`: whether its
    chat template takes a system message; `proxy`: whether the way to it
    leads over the proxy of the settings, where there is one; `insecure`: its key may go in clear.
    """

    name: str
    url: str
    model: str
    title: str = ""
    window: int = 8192
    concurrency: int = 1
    key_variable: str = ""
    connect_seconds: float = 5.0
    first_seconds: float = 300.0
    between_seconds: float = 60.0
    licence: str = ""
    good_for: str = ""
    thinks: bool = False
    system_role: bool = True
    proxy: bool = True
    insecure: bool = False

    @property
    def host(self) -> str:
        """Where it is: the name or the number in its address."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine."""
        return _is_loopback(self.host)


@dataclass(frozen=True)
class Declared:
    """What models.toml says: endpoints by name, what is wrong with a section by its name, and engines by file name."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)

    def infos(self) -> list[ModelInfo]:
        """As models in a list, those with a fault among them."""
        broken = [ModelInfo(name, "openai", fault=fault, version=fault) for name, fault in self.faults.items()]
        return [*map(_info, self.endpoints.values()), *broken]


class Declarations:
    """models.toml of a folder, read again when it has changed."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.path, self.network = folder / FILE, network
        self._seen: tuple[int, ...] = ()
        self._declared = Declared()

    def now(self) -> Declared:
        """What it says now; nothing where it is not there."""
        try:
            stat = self.path.stat()
        except OSError:
            self._seen, self._declared = (), Declared()
            return self._declared
        seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if seen != self._seen:
            self._declared, self._seen = read(self.path, self.network.secret), seen
        return self._declared


def names(folder: Path) -> frozenset[str]:
    """What the endpoints of a folder are called, those with a fault among them."""
    found = Declarations(folder, Network()).now()
    return frozenset({*found.endpoints, *found.faults})


def read(path: Path, secret: Callable[[str], str]) -> Declared:
    """What the file says. What is wrong with all of it is a fault of its own name."""
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return Declared(faults={FILE: f"{FILE} cannot be read: check who may read it, and that it is saved as UTF-8"})
    except tomllib.TOMLDecodeError as error:
        return Declared(faults={FILE: f"{FILE} is no TOML: {error}"})
    endpoints: dict[str, Endpoint] = {}
    engines, faults = _engines(sections.pop(FILES, {}))
    for name, section in sections.items():
        try:
            _check_name(name, sections)
            endpoints[friendly(name)] = _endpoint(name, section, secret)
        except Wrong as error:
            faults[friendly(name)] = f"{FILE}, [{name}]{error}"
    taken = endpoints.keys() | {BUILT_IN}  # a fault under the name of a model would hide it, or be hidden by it
    faults = {f"{FILE}-{name}" if name in taken else name: fault for name, fault in faults.items()}
    return Declared(endpoints, faults, engines)


def _check_name(name: str, all_names: Iterable[str]) -> None:
    """Nothing else is typed alike. Raises Wrong."""
    if name.lower() == BUILT_IN:
        raise Wrong(": the built-in model is called so; choose another name")
    for other in all_names:
        if other != name and other.lower() == name.lower():
            raise Wrong(f": there is a [{other}] too, and people type both alike")


def _endpoint(name: str, section: Any, secret: Callable[[str], str]) -> Endpoint:
    """Raises Wrong."""
    if not isinstance(section, dict):
        raise Wrong(": must be a section with `url` and `model`")
    nested = next((key for key, value in section.items() if isinstance(value, dict)), None)
    if nested is not None:
        raise Wrong(f'.{nested}: a name with a dot goes in quotes: ["{name}.{nested}"]')
    if friendly(name) != name.lower() or len(name) > LONGEST_NAME:
        raise Wrong(f": a name has letters, digits, `-`, `_` and dots, at most {LONGEST_NAME} of them")
    for key in ("url", "model"):
        if key not in section:
            raise Wrong(f": `{key}` is missing")
    for key, value in section.items():
        _check(key, value)
    found = Endpoint(**section | {"name": friendly(name), "url": section["url"].rstrip("/")})
    _check_key(found, secret)
    return found


def _check(key: str, value: Any) -> None:
    known = {each.name: each.type for each in fields(Endpoint) if each.name != "name"}
    if key not in known:
        near = ["key_variable"] if "key" in key.lower() else difflib.get_close_matches(key, known, 1)
        raise Wrong(f": there is no field `{key}`" + (f"; did you mean `{near[0]}`?" if near else ""))
    if known[key] == "bool" and not isinstance(value, bool):
        raise Wrong(f", {key}: must be true or false")
    if known[key] == "str" and (not isinstance(value, str) or not (value.strip() and value.isprintable())):
        raise Wrong(f", {key}: must be a text of one line in quotes")
    if key in LIMITS:
        _check_number(key, value)
    if key == "url" and not _is_address(value):
        raise Wrong(", url: must be an address such as http://127.0.0.1:8000/v1, without a name or a key in it")


def _check_number(key: str, value: Any) -> None:
    low, high = LIMITS[key]
    whole = not key.endswith("_seconds")
    right = type(value) is int or (type(value) is float and not whole)
    if not right or not low <= value <= high:
        raise Wrong(f", {key}: must be a {'whole ' * whole}number from {low:,} to {high:,}")


def _check_key(endpoint: Endpoint, secret: Callable[[str], str]) -> None:
    name = endpoint.key_variable
    if not name:
        return
    if name.upper().startswith(SETTINGS_PREFIX):
        raise Wrong(f", key_variable: {SETTINGS_PREFIX}… are Chorus' own secrets; choose another name")
    if not (key := secret(name)):
        # Not repeated: somebody may have written the key itself here.
        raise Wrong(", key_variable: neither the environment nor .env has a variable of that name")
    if not KEY.fullmatch(key):
        raise Wrong(
            f", key_variable: the key in {name} has signs that no key has: a space, a line's end, or a letter beyond ASCII"
        )
    if not endpoint.url.startswith("https:") and not (endpoint.is_here or endpoint.insecure):
        raise Wrong(", url: the key would go over the network in clear; use https://, or write `insecure = true`")


def _engines(section: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The engines that are wanted, by file name, and what is wrong there."""
    wanted: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, choice in section.items() if isinstance(section, dict) else ():
        if why := _wrong_file(choice):
            faults[friendly(f"files-{name}")] = f'{FILE}, [files."{name}"]{why}'
        elif "engine" in choice:
            wanted[name] = choice["engine"]
    return wanted, faults


def _wrong_file(choice: Any) -> str:
    """What is wrong with a file's section; record.py reads the template and the stop texts in it."""
    if not isinstance(choice, dict) or choice.keys() - {"engine", "template", "stop"}:
        return ": `engine`, `template` and `stop` alone belong there"
    if choice.get("engine", "gpt4all") not in ENGINES:
        return f", engine: must be one of {', '.join(ENGINES)}"
    if not isinstance(choice.get("template", ""), str):
        return ", template: must be a text"
    stop = choice.get("stop", [])
    return (
        ""
        if isinstance(stop, list) and all(isinstance(one, str) for one in stop)
        else ", stop: must be a list of texts"
    )


def _info(endpoint: Endpoint) -> ModelInfo:
    return ModelInfo(
        endpoint.name,
        "openai",
        title=endpoint.title or endpoint.name,
        n_ctx=endpoint.window,
        version=hashlib.sha256(repr(endpoint).encode()).hexdigest()[:16],
        licence=endpoint.licence,
        good_for=endpoint.good_for,
        concurrency=endpoint.concurrency,
        notes=[f"runs at {endpoint.host}"],
    )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
