"""Where Chorus starts: `create_app()` for gunicorn; `python app.py` runs everything on one machine."""

from mmapp.cli import app  # what `flask --app app` finds: the commands, which need no settings to be listed
from mmapp.web.app import create_app

__all__ = ["app", "create_app"]

if __name__ == "__main__":
    from mmapp.supervise import run_everything

    run_everything()
