"""A stand-in Mattermost for trying and testing Chorus: it answers as the recorded exchanges do (tests/fixtures)."""

from tests.playground.world import Playground

__all__ = ["Playground"]
