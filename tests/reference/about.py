"""What a response is about: its interactions, and the products, bundles, journeys, stages, touchpoints of them.

Belongs here: the interactions a response is shared over (methods 4) and the splits by these (methods 6, end). Does
not: teams, scores.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache

from .records import Record, World

INTERACTION_SPLITS = ("product", "bundle", "journey", "stage", "touchpoint")
INTERACTION_LEVELS = ("touchpoint", "experience")


def weighed_interactions(world: World, response: Record) -> list[tuple[Record, Fraction]]:
    """The interactions a response is shared over, each with its relevance to the respondent (above 0)."""

    def relevant(interactions: list[Record]) -> list[tuple[Record, Fraction]]:
        weighed = [
            (i, world.relevance(response["roles"], i["touchpoint"])) for i in interactions if not i["is_internal"]
        ]
        return [(interaction, relevance) for interaction, relevance in weighed if relevance > 0]

    until = response["submitted_at"]
    if response["level"] == "touchpoint":
        interaction = world.interactions.get(response["interaction_id"])
        return relevant([interaction] if interaction else [])
    at_account = [i for i in world.interactions.values() if i["account_key"] == response["account_key"]]
    if response["level"] == "experience":
        journey_id = response["journey_id"]
        return relevant(
            [i for i in at_account if journey_id and i["journey_id"] == journey_id and i["occurred_at"] <= until]
        )
    since = until - timedelta(days=world.variables.attribution_days)
    contact_id = response["contact_id"]
    own = [i for i in world.interactions.values() if contact_id and i["contact_id"] == contact_id]
    for interactions in (own, at_account):
        weighed = relevant([i for i in interactions if since <= i["occurred_at"] <= until])
        if weighed:
            return weighed
    return []


def group_of(world: World, split: str, interaction: Record) -> str:
    """The group of an interaction in a split; ``unknown`` where it has none."""
    if split == "product":
        return str(interaction["product_id"]) if interaction["product_id"] in world.products else "unknown"
    if split == "bundle":
        return world.bundle(interaction["account"])
    if split == "touchpoint":
        return str(interaction["touchpoint"])
    if interaction["journey"] is None:
        return "unknown"
    return str(interaction[split])


@lru_cache(maxsize=100_000)
def placed(world: World, response_id: str, split: str) -> dict[str, Fraction]:
    """Parts of a response by group of a split, positive and summing to 1."""
    parts: dict[str, Fraction] = defaultdict(lambda: Fraction(0))
    for interaction, relevance in weighed_interactions(world, world.responses[response_id]):
        parts[group_of(world, split, interaction)] += relevance
    total = sum(parts.values(), Fraction(0))
    return {group: part / total for group, part in sorted(parts.items())} if total else {"unknown": Fraction(1)}
