"""The dashboard: a local web page on the published version.

Belongs here: starting the server, and what it may do.
Does not: what a page shows (`views`), what is read (`data`), how figures are worded (`answerable.words`).

    app.py      what runs each time a page is shown: the published version, the selectors, the page
    choice.py   which figures are chosen
    data.py     queries on the marts, nothing else
    markup.py   text and figures as HTML; trend.py draws the one chart that is not a table
    views/      one module per page
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")
"""The names of the host that the dashboard answers to."""

# Imported before the server starts, so that the first page doesn't wait: pandas, which Streamlit needs, takes a second.
_IMPORTED_FIRST = ("pandas", "answerable.settings", "answerable.summary", "orchestration.publishing")


def serve(port: int, *, opens_browser: bool) -> None:
    """Serve the pages until interrupted. Raises ImportError without the extra `dashboard`."""
    from streamlit import net_util
    from streamlit.web import bootstrap

    # Streamlit compares the origin of a request with the addresses of this machine; for the public one it asks a host
    # on the internet. Neither is a name of the dashboard.
    vars(net_util).update(get_external_ip=lambda: None, get_internal_ip=lambda: None)
    for module in _IMPORTED_FIRST:
        import_module(module)
    options = {
        "server.address": ADDRESS,
        "server.port": port,
        # A page of another site whose name was made to resolve to this address gets no data.
        "server.allowedHosts": list(NAMES),
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
