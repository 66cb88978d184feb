"""When and in which order steps run: Dagster definitions, the dbt process they drive, and publishing.

Belongs here: assets, checks, resources, automation, the writer's lock, published versions.
Does not: how a file is read (ingest), what a column or a number means (dbt_project).
"""

import os

# Telemetry of every tool is off unless someone turns it on; set before any of them is imported.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
