"""Data Docs: one static page per entity with the checks of its last batch, under `reports/data_docs/`.

Belongs here: rendering with Great Expectations' own renderers, without any request to another host.
Does not: validate (expectations). Importing this module imports Great Expectations.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

_OUTSIDE = (
    re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<link\b[^>]*>", re.IGNORECASE),
    re.compile(r"<(?:img|iframe)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>", re.IGNORECASE),
    re.compile(r"<(form|footer)\b.*?</\1>", re.DOTALL | re.IGNORECASE),
    re.compile(r"url\([\"']?(?:https?:)?//.*?\)", re.IGNORECASE),
)
_OUTSIDE_LINK = re.compile(r"""\b(href|src|action)=(["'])(?:https?:)?//.*?\2""", re.IGNORECASE)
_STYLE = (
    "<style>body{font:15px/1.5 sans-serif;margin:2rem;max-width:70rem}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "pre,code{white-space:pre-wrap}.collapse{display:block}</style>"
)


def write(folder: Path, validations: Mapping[str, ExpectationSuiteValidationResult]) -> None:
    """Write `<entity>.html` for every validation, and an index of all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    renderer: Any = ValidationResultsPageRenderer()
    view: Any = DefaultJinjaPageView()
    for name, validation in validations.items():
        _replace(folder / f"{name}.html", offline(view.render(renderer.render(validation))))
    _replace(folder / "index.html", _index(folder))


def offline(page: str) -> str:
    """Return the page without scripts and without style sheets, images, forms and links from another host."""
    for pattern in _OUTSIDE:
        page = pattern.sub("", page)
    page = _OUTSIDE_LINK.sub("", page)
    return page.replace("</head>", f"{_STYLE}</head>", 1)


def _index(folder: Path) -> str:
    names = sorted(path.stem for path in folder.glob("*.html") if path.stem != "index")
    items = "".join(f'<li><a href="{html.escape(name)}.html">{html.escape(name)}</a></li>' for name in names)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Landed batches</title>{_STYLE}</head>'
        f"<body><h1>Landed batches</h1><p>The checks of the last batch of every entity.</p><ul>{items}</ul>"
        "</body></html>"
    )


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
