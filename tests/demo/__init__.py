"""`make demo`: a short conversation with real models, against a stand-in Mattermost."""
