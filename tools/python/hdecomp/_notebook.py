"""A tree's page where it is looked at: in a notebook's frame, or as a file."""

import html
import os
import secrets


def _frame_of(tree, height):
    # A frame of its own, whose script and style are not the notebook's.
    return (
        f'<iframe srcdoc="{html.escape(tree.html())}" width="100%" height="{int(height)}" '
        'sandbox="allow-scripts allow-downloads" style="border:0"></iframe>'
    )


def frame(tree):
    """The page in a frame, for notebooks; None of a tree without maps, which is then shown as text."""
    return _frame_of(tree, 700) if tree.has_maps else None


def show(tree, height=700):
    """Shows the report's page in a notebook, in a frame of `height` pixels."""
    try:
        from IPython.display import HTML, display
    except ImportError:
        raise RuntimeError(
            "show() needs a notebook (IPython); save_html('report.html') writes the page to a file"
        ) from None
    display(HTML(_frame_of(tree, height)))


def save_html(tree, file, name=""):
    """Writes the report's page, whole or not at all; `name` stands over it."""
    page = tree.html(name)
    path = os.path.abspath(os.fsdecode(file))
    part = os.path.join(os.path.dirname(path), f".hdecomp-{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(page)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
