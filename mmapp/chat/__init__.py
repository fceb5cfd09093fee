"""Conversations: who may read what, which posts there are, and what of them a model is told."""
