"""Mattermost: its REST interface, what it sends, what may be shown in it. Imports nothing else of the project."""
