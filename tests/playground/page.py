"""The page to try Chorus by hand."""

from flask import Blueprint

pages = Blueprint("pages", __name__)
