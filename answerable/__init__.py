"""What people use: the command line, its settings and summary, the dashboard, scorecards and the demo data."""

from importlib.metadata import PackageNotFoundError, version


def code_version() -> str:
    """Return the installed version of this project, `0+checkout` where it runs without being installed."""
    try:
        return version("answerable")
    except PackageNotFoundError:
        return "0+checkout"
