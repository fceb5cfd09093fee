"""The real worker, whose answers have a length of our choice.

    python -m tests.bench.worker TOKENS [--whole]

`--whole`: nothing that was read for an earlier answer is known, so that each reads its whole prompt, as a bare call does.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from llm.base import Chunk, Options, Prompt
from llm.gpt4all_model import Gpt4AllModel
from mmapp import config, logs
from mmapp.jobs import answer, worker

TEMPERATURE = 0.2


def _read_everything() -> None:
    original = Gpt4AllModel.generate

    def generate(self: Gpt4AllModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        self.forget([prompt.system])
        yield from original(self, prompt, options)

    Gpt4AllModel.generate = generate  # type: ignore[method-assign]


def main() -> None:
    """Work until SIGTERM."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("tokens", type=int)
    options.add_argument("--whole", action="store_true")
    chosen = options.parse_args()
    answer.OPTIONS = Options(max_tokens=chosen.tokens, temperature=TEMPERATURE)
    if chosen.whole:
        _read_everything()
    settings = config.load(_env_file=None)
    logs.configure(settings.log_level)
    worker.run(settings)


if __name__ == "__main__":
    main()
