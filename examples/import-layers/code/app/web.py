"""Who asks."""

from app.store import load


def show_error(text):
    return f"<p>{text}</p>"


def page(number):
    return load(number)
