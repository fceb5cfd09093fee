"""A model, and an entry of the catalogue, as lines and as fields."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from llm.base import ModelInfo
from llm.catalog import Entry, Url
from llm.lock import ApprovedList
from mmapp.catalogue.figures import Figures
from mmapp.texts import catalog as texts


def of_model(info: ModelInfo, known: Figures | None, approved: ApprovedList | None) -> str:
    """What there is to know about a model, for an administrator."""
    facts = [
        info.title,
        texts.size(info.size),
        info.quantisation,
        texts.window(info.n_ctx) if info.n_ctx else "",
        info.licence,
        info.engine,
        texts.approved() if approved is not None and info.path and not info.fault else "",
    ]
    state = [
        info.good_for,
        texts.memory(info.memory, known.memory if known else 0) if info.memory else "",
        texts.measured(known.prefill, known.decode) if known and known.prefill else "",
        texts.unusable(info.fault) if info.fault else "",
    ]
    return texts.model_line(info.name, list(filter(None, facts)), list(filter(None, state)))


def as_fields(info: ModelInfo, known: Figures | None, approved: ApprovedList | None) -> dict[str, Any]:
    """The same for scripts. `approved` is null where there is no approved list, `measured` where nothing was."""
    return {
        **asdict(info),
        "approved": None if approved is None or not info.path else not info.fault,
        "measured": asdict(known) if known else None,
    }


def of_entry(entry: Entry) -> str:
    """A model that can be fetched."""
    return texts.catalog_line(
        entry.name, entry.title, entry.source.size, entry.licence, entry.good_for, recommended=entry.recommended
    )


def origin(entry: Entry) -> str:
    """Where it would be fetched from, for people."""
    source = entry.source
    return (urlsplit(source.address).hostname or "") if isinstance(source, Url) else texts.package_index()
