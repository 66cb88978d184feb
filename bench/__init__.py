"""The bench of a checkout: what the product costs at a named size, next to a floor measured in the same run.

Belongs here: data at a size, real runs as subprocesses, the floor, other checkouts and alternatives, the report.
Does not: judging a figure, or knowing how a run works inside: it sees commands, compiled SQL and published files.
"""
