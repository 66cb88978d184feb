"""The progress of a run in a log."""

from io import StringIO

from rich.console import Console

from answerable.progress import Lines


def test_the_first_step_is_told_when_something_follows_it() -> None:
    log = StringIO()
    with Lines(Console(file=log)) as lines:
        lines.done("landing", "accounts", None)
        assert log.getvalue() == ""
        lines.done("warehouse", "dbt", 3)
        lines.done("warehouse", "dim_account", None)
        lines.done("published", "marts", None)
    told = [line.split(" s  ")[1] for line in log.getvalue().splitlines()]
    assert told == ["Loading landed files", "Building and testing", "Publishing"]
