"""The resources of every op.

Belongs here: resources, read when a run starts. Does not: anything that does work.
"""

import dagster as dg

from answerable.settings import Settings, SettingsError


@dg.resource(description="The settings of this installation, read from the environment when a run starts.")
def settings(_: dg.InitResourceContext) -> Settings:
    """Return the validated settings; a wrong one fails the run with a line that names it."""
    try:
        return Settings.load()
    except SettingsError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
