"""A tree's page where it is looked at: in a notebook's frame, or as a file."""

import html
import os
import tempfile


def _frame_of(tree, height):
    # A frame of its own, whose script and style are not the notebook's.
    return (
        f'<iframe srcdoc="{html.escape(tree.html())}" width="100%" height="{int(height)}" '
        'sandbox="allow-scripts allow-downloads" style="border:0"></iframe>'
    )


def frame(tree):
    """The page in a frame, for notebooks; None of a tree without maps, which is then shown as text."""
    has_maps = all(node.map is not None for node in tree.root.children)
    return _frame_of(tree, 700) if has_maps else None


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
    path = os.fspath(file)
    folder = os.path.dirname(os.path.abspath(path))
    handle, part = tempfile.mkstemp(prefix=".hdecomp-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(page)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(part, 0o666 & ~umask)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
