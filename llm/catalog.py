"""The catalogue: models that can be fetched by name, from an address or through the package index, and what is known of them."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass

from llm.base import ModelMissing
from llm.foreign import one_line
from llm.supported import ARCHITECTURES, PRE_TOKENIZERS

CATALOG = Path(__file__).with_name("catalog.toml")
STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _shown_as_it_stands(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be a text of one line")
    return text


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(_shown_as_it_stands)]
# As the package index has them (PEP 508, 440, 427): pip takes much else for an address, a file or an option.
Project = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9][A-Za-z0-9.!+]*$")]
WheelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._!+-]*\.whl$")]
Stop = Annotated[str, StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Count = Annotated[int, Field(gt=0, strict=True)]


class CatalogFault(Exception):
    """A catalogue cannot be used. `faults` has a line for each thing that is wrong in it."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, config=STRICT)
class Wheel:
    """A file in a wheel of the package index, which firms mirror already. Sizes in bytes."""

    project: Project
    version: Version
    file: WheelName
    size: Count
    sha256: Sha256
    member: Text
    member_size: Count
    member_sha256: Sha256

    @property
    def hashes(self) -> dict[str, str]:
        """Of the file as it is published, by algorithm."""
        return {"sha256": self.member_sha256}

    @property
    def origin(self) -> str:
        """Where the file comes from, in a line."""
        return f"{self.project} {self.version}: {self.member}"


@dataclass(frozen=True, config=STRICT)
class Url:
    """A file behind an address, with its size in bytes and the hash that is published for it."""

    address: Text
    size: Count
    sha256: Sha256 | None = None
    md5: Md5 | None = None

    @field_validator("address")
    @classmethod
    def _safe(cls, value: str) -> str:
        if not may_be_asked(value):
            raise ValueError("must begin with https:// and hold no name and password")
        return value

    @model_validator(mode="after")
    def _hashed(self) -> Self:
        if not self.hashes:
            raise ValueError("needs a sha256 or an md5")
        return self

    @property
    def hashes(self) -> dict[str, str]:
        """Of the file as it is published, by algorithm."""
        return {name: value for name, value in (("sha256", self.sha256), ("md5", self.md5)) if value}

    @property
    def origin(self) -> str:
        """Where the file comes from, in a line."""
        return self.address


@dataclass(frozen=True, config=STRICT)
class Entry:
    """One model. `memory` in bytes, as much as its machine should have; `window` in tokens.

    `pre_tokenizer` is the name that the engine knows its rules by, where the file must be adapted (adapt.py), and `sha256`
    is of the adapted file where that is known beforehand. `template` and `stop` are for files that carry none of their own.
    """

    name: Name
    title: Text
    good_for: Text
    licence: Text
    by: Text
    parameters: Text
    quantisation: Text
    architecture: Text
    window: Count
    memory: Count
    wheel: Wheel | None = None
    url: Url | None = None
    pre_tokenizer: str = ""
    sha256: Sha256 | None = None
    template: str = ""
    stop: list[Stop] = Field(default_factory=list)
    recommended: Annotated[bool, Field(strict=True)] = False

    @field_validator("architecture")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ARCHITECTURES:
            raise ValueError("is none that GPT4All 2.8.2 loads")
        return value

    @field_validator("pre_tokenizer")
    @classmethod
    def _older(cls, value: str) -> str:
        if value and value not in PRE_TOKENIZERS:
            raise ValueError("is none that GPT4All 2.8.2 knows")
        return value

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.wheel is None) == (self.url is None):
            raise ValueError("needs exactly one source, a table `wheel` or a table `url`")
        return self

    @property
    def source(self) -> Wheel | Url:
        """Where it is fetched from."""
        found = self.url or self.wheel
        if found is None:
            raise ValueError("an entry without a source cannot be made")
        return found

    @property
    def file_name(self) -> str:
        """What the file is called in the models folder."""
        return f"{self.name}.gguf"


_ENTRIES = TypeAdapter(dict[str, Entry])


def may_be_asked(address: str) -> bool:
    """Whether a model may be fetched from an address: by TLS and without a password, or from this very machine."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return (
        bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or (parts.scheme == "http" and _here(host)))
    )


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def entries(path: Path = CATALOG) -> dict[str, Entry]:
    """All entries of a catalogue by name, in its order. Raises CatalogFault."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return _ENTRIES.validate_python({name: _named(name, fields) for name, fields in found.items()})
    except OSError as error:
        raise CatalogFault((f"it cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError:
        raise CatalogFault(("it is not written in UTF-8",)) from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogFault((f"it is not written in TOML: {error}",)) from None
    except ValidationError as error:
        raise CatalogFault(tuple(_fault(fault["loc"], fault["msg"]) for fault in error.errors())) from None


def entry(name: str, path: Path = CATALOG) -> Entry:
    """The entry of that name. Raises CatalogFault, and ModelMissing with all names as `near`."""
    known = entries(path)
    if name not in known:
        raise ModelMissing(f"the catalogue has no {name!r}", tuple(known))
    return known[name]


def _named(name: str, fields: Any) -> Any:
    return {"name": name, **fields} if isinstance(fields, dict) else fields


def _fault(location: tuple[int | str, ...], message: str) -> str:
    """Where and what, as `llama.url.size: Input should be greater than 0`."""
    return one_line(f"{'.'.join(map(str, location))}: {message.removeprefix('Value error, ')}")
