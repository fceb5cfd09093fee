"""llama.cpp's own server for GGUF files: an optional engine, for what is newer than GPT4All."""

from __future__ import annotations

from llm import machine
from llm.header import Header
from llm.hosted_model import HostedModel


class LlamaCppModel(HostedModel):
    """A file that llama.cpp loads."""

    process = "llm.llamacpp_child"

    @staticmethod
    def check_installed() -> None:
        """Raise EngineMissing where xllamacpp is not installed."""
        machine.check_llamacpp()

    @staticmethod
    def check_file(head: Header) -> None:
        """Nothing: which files it loads changes with each of its versions, and it says so itself when it is asked to."""
