"""The real worker, whose answers have a length of our choice.

    python -m tests.bench.worker TOKENS [--whole] [--scripted]

`--whole`: nothing that was read for an earlier answer is known, so that each reads its whole prompt, as a bare call does.
`--scripted`: its models folder may hold scripts.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from llm.base import Chunk, Options, Prompt
from llm.gpt4all_model import Gpt4AllModel
from llm.registry import Registry
from mmapp import config, logs
from mmapp.config import Settings
from mmapp.jobs import answer, worker

TEMPERATURE = 0.2


def _read_everything() -> None:
    original = Gpt4AllModel.generate

    def generate(self: Gpt4AllModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        self.forget([prompt.system])
        yield from original(self, prompt, options)

    Gpt4AllModel.generate = generate  # type: ignore[method-assign]


def _with_scripts(settings: Settings) -> Registry:
    return Registry(
        settings.models_dir,
        threads=settings.threads,
        window=settings.window,
        states_mb=settings.states_mb,
        default=settings.default_model or None,
        scripted=True,
    )


def main() -> None:
    """Work until SIGTERM."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("tokens", type=int)
    options.add_argument("--whole", action="store_true")
    options.add_argument("--scripted", action="store_true")
    chosen = options.parse_args()
    answer.OPTIONS = Options(max_tokens=chosen.tokens, temperature=TEMPERATURE)
    if chosen.whole:
        _read_everything()
    settings = config.load(_env_file=None)
    logs.configure(settings.log_level)
    worker.run(settings, _with_scripts(settings) if chosen.scripted else None)


if __name__ == "__main__":
    main()
