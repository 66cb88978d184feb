"""The same work by what a user would pick instead, where it can run here.

Belongs here: which alternatives there are, and what becomes of one that is missing or fails: a line that says so.
Does not: an alternative itself (one module each).

None is required. `measure(bench)` of a module returns its figure and raises NotInstalled with what to install.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.alternatives.common import NotInstalledError, ours
from bench.figures import Alternative
from bench.process import BenchError

if TYPE_CHECKING:
    from bench.runs import Bench


def measure_all(bench: Bench) -> Iterator[Alternative]:
    """Yield every alternative, measured or with the reason why not."""
    # Some of these modules are also run as processes, so this package must not import them.
    from bench.alternatives import in_pandas, on_postgres, plain_dbt

    for module in (plain_dbt, on_postgres, in_pandas):
        bench.say(f"The same work by {module.NAME}")
        try:
            yield module.measure(bench)
        except NotInstalledError as missing:
            yield Alternative(module.NAME, module.WORK, None, ours(bench), f"not installed: {missing}")
        except BenchError as error:
            yield Alternative(module.NAME, module.WORK, None, ours(bench), f"failed: {' '.join(str(error).split())}")
