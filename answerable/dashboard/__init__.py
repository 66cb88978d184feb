"""The dashboard: a local web page on the published version.

Belongs here: starting the page's server with what it may and may not do.
Does not: what a page shows (`views`), what is read (`data`), how figures read (`answerable.words`).

    app.py      what runs at every look: the published version, the selectors, the page
    choice.py   which figures are looked at
    data.py     queries on marts, nothing else
    markup.py   text and figures as HTML; trend.py draws the one chart that is no table
    views/      one module per page
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

ADDRESS = "127.0.0.1"

# Loaded before the page is served, instead of making the first look wait: Streamlit itself wants pandas, a second.
_OF_THE_FIRST_LOOK = ("pandas", "answerable.settings", "answerable.summary", "orchestration.publishing")


def serve(port: int, *, opens_browser: bool) -> None:
    """Serve the page until interrupted. Raises ImportError without the extra `dashboard`."""
    from streamlit.web import bootstrap

    for module in _OF_THE_FIRST_LOOK:
        import_module(module)
    options = {
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": not opens_browser,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "global.developmentMode": False,
        "logger.hideWelcomeMessage": True,
        "theme.base": "light",
        "theme.primaryColor": "#17694f",
        "theme.textColor": "#1b2733",
        "theme.secondaryBackgroundColor": "#f3f6f5",
        "theme.borderColor": "#8a97a3",
    }
    bootstrap.load_config_options(options)
    bootstrap.run(str(Path(__file__).with_name("app.py")), False, [], options)
