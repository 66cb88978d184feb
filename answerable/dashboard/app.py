"""What Streamlit runs each time it shows a page of the dashboard.

Belongs here: which version is shown, the selectors, the pages, what to say when nothing is there or readable.
Does not: what a page shows; a page's module is imported when the page is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from answerable import words
from answerable.dashboard import data, markup
from answerable.dashboard.choice import Choice, select
from answerable.published import current_version
from answerable.settings import Settings

LOOK_AGAIN = "5s"
STYLE = Path(__file__).with_name("style.css")
VIEWS = {
    "overview": "Overview",
    "changes": "What changed",
    "teams": "Teams",
    "journeys": "Journeys",
    "measures": "Measures",
    "reach": "Response and coverage",
    "accounts": "Accounts at risk",
    "billing": "Billing conduct",
    "responses": "Responses",
}


@cache
def _settings() -> Settings:
    return Settings.load()


def main() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_title="Answerable", layout="centered", initial_sidebar_state="auto")
    st.html(STYLE)
    version = current_version(_settings().published)
    chosen: list[tuple[data.Published, Choice]] = []
    page = st.navigation(
        [
            st.Page(_page(name, chosen), title=title, url_path=name, default=name == "overview")
            for name, title in VIEWS.items()
        ]
    )
    if version is None:
        _nothing_yet()
    else:
        try:
            published = data.Published(_settings().published, version)
            # Outside the page, so that a selection lasts from page to page.
            choice = select(published)
            if choice is None:
                _no_scores()
            else:
                chosen.append((published, choice))
                page.run()
                _foot(published, choice)
        except data.BrokenError as error:
            if current_version(_settings().published) != version:
                st.rerun()
            _broken(version, str(error))
    _look_again(version)


def _page(name: str, chosen: list[tuple[data.Published, Choice]]) -> Callable[[], None]:
    def show() -> None:
        import_module(f"answerable.dashboard.views.{name}").show(*chosen[0])

    return show


@st.fragment(run_every=LOOK_AGAIN)
def _look_again(shown: str | None) -> None:
    """Show the next publication as soon as it exists."""
    if current_version(_settings().published) != shown:
        st.rerun()


def _foot(published: data.Published, choice: Choice) -> None:
    row = published.first(data.PUBLICATION, version=published.version)
    when = f", published {words.day(row['published_at'])} at {row['published_at']:%H:%M} UTC" if row else ""
    markup.show(
        markup.text(
            "NPS is the share of promoters (9–10) minus the share of detractors (0–6), in points from −100 to 100. "
            f"{words.weighting(choice.weighting)} Intervals show how far chance alone could move a score. "
            "Figures are rounded; a sum may differ in its last digit.",
            css="soft",
        ),
        Markup('<p class="soft" data-version="{}">Version {}{}.</p>').format(
            published.version, published.version, when
        ),
    )


def _nothing_yet() -> None:
    markup.show(
        markup.heading("Nothing is published yet", 1),
        markup.text(f"There is no published version in {_settings().published}."),
        markup.text("Run answerable run. This page shows the figures as soon as they are published.", css="note"),
    )


def _no_scores() -> None:
    markup.show(
        markup.heading("No scores yet", 1),
        markup.text("A version is published, but it has no answer to a recommendation question."),
        markup.text("Land survey responses, then run answerable run.", css="note"),
    )


def _broken(version: str, why: str) -> None:
    markup.show(
        markup.heading("This version can't be shown", 1),
        markup.text(f"Version {version}: {why}"),
        markup.text(
            "Run answerable run to publish again. answerable doctor says what is wrong with the installation. "
            "This page shows the next version as soon as it is published.",
            css="note warn",
        ),
    )


main()
