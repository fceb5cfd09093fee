"""`flask --app app doctor`: the findings in the terminal, or as JSON for scripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

import click

from mmapp import logs
from mmapp.doctor import Finding, Level, examine
from mmapp.texts import doctor as texts

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at all that Chorus stands on; name each fault and its cure. Ends with 0 only where there is none."""
    logs.configure("ERROR")
    findings = list(examine() if as_json else _shown(examine()))
    levels = Counter(finding.level for finding in findings)
    if as_json:
        click.echo(json.dumps([_plain(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        click.echo(f"\n{texts.verdict(levels[Level.FAULT], levels[Level.WARNING])}")
    context.exit(1 if levels[Level.FAULT] else 0)


def _shown(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Print each as soon as it is found. What cannot be looked at for the same reason shares a line."""
    for missing, group in groupby(findings, attrgetter("missing")):
        if missing:
            skipped = list(group)
            click.echo(texts.not_checked_until(missing, [finding.check for finding in skipped]))
            yield from skipped
            continue
        for finding in group:
            click.secho(texts.line(finding.level, finding.what, finding.cure), fg=COLOURS[finding.level])
            yield finding


def _plain(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("level", "what", "cure", "check")}
