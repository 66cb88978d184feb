"""The system's Chromium, for tests that look at pages as people do.

Belongs here: starting it, noting what it asks for, the accessibility engine. Does not: any page.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser with a fresh profile."""
    assert CHROMIUM, "no Chromium on this machine: `make system` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def serious_violations(page: Any) -> list[str]:
    """Return what axe-core finds wrong with a page, serious and critical, with where."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
