"""Models behind one small protocol. Knows nothing of Mattermost, Flask or SQL."""
