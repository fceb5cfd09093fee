"""GPT4All's engine for GGUF files: the one that Chorus comes with."""

from __future__ import annotations

from llm import machine, supported
from llm.header import Header
from llm.hosted_model import HostedModel


class Gpt4AllModel(HostedModel):
    """A file that GPT4All loads."""

    process = "llm.host_child"

    @staticmethod
    def check_installed() -> None:
        """Raise EngineMissing where gpt4all cannot run here."""
        machine.check_engine()

    @staticmethod
    def check_file(head: Header) -> None:
        """Raise ModelUnsupported where gpt4all would refuse the file."""
        supported.check(head)
