"""A second, independent computation of the product's numbers, used as an oracle in tests.

Belongs here: plain Python that follows the written methods step by step on dicts, in exact fractions, without a
database. Does not: anything imported from the product, speed, ways to handle broken input (rows are taken as valid).

Use: ``world = load_world(landing_folder, programme_folder, as_of)``, then ``rpt_nps(world)``,
``rpt_nps_lineage(world)``, ``rpt_team_contribution(world)``, ``rpt_team_contribution_lineage(world)``,
``rpt_nps_change(world)``, ``fct_survey_response(world)``, ``fct_journey_stage(world)``, ``fct_journey(world)``,
``fct_handoff(world)``, ``rpt_response_rate(world)``, ``rpt_journey_stage(world)``. Each returns a dict of rows by
natural key; ``rpt_nps``, ``rpt_team_contribution`` and ``rpt_nps_change`` take ``suppressed=False`` for the figures
before suppression.
Weights, shares, scores and contributions are ``Fraction``; intervals and shrunk scores are ``float``; what does not
exist is ``None``. Contacts are the landed ``contact_id`` (marts show a keyed hash instead).

Readings: where the methods leave room, this is how they are read here.

Records
 R1  An unresolvable account (unknown, deleted, or merged into such a one) is ``unknown`` in every row, but distinct
     landed ``account_id`` are distinct accounts in ``account_count``, in journey instances and in the matching of a
     response to its account's interactions. Every other account counts as its survivor. An account merged into a
     deleted one keeps the landed id of each record for counting.
 R2  Equal ``updated_at`` with different content is decided by a callable (``record_hash``), given by the caller.
 R3  A role belongs to the account of its role row; ``contacts.account_id`` decides nothing. Rows of one contact and
     role that meet after a merge count once.
 R4  Every version of an answer is judged by today's question; one that fails never competes. Deletions are not judged.
     A response without a known survey is in no row; one whose answer has no known question has no answer.

Periods and frame
 P1  Responses after AS_OF but inside the period that holds it count; later periods do not exist. is_counted of a
     response is judged in its own quarter, whether or not that quarter has begun at AS_OF.
 P2  A period's bounds are days; "before period_end" and "after period_start" are strict.
 P3  ``frame_count`` and N take every frame account, also those without a role of positive weight, and every role, also
     those of weight 0. A contact with roles at two accounts of a group is one.
 P4  not_counted_reason is ``no_answer`` (no answer to the metric) or ``superseded`` (a later response of the contact).

Weights
 W1  A unit is a response's share of a role; "equally to units" is in proportion to share.
 W2  ``none`` weighs every counted response alike, whoever gave it, but those of prospects and others.
 W3  Units at an account of no value are donors and receivers like others, if their ω is positive.
 W4  Without any unit of positive ω every weight is 0, and every score null. Negative annual values are no value.
 W5  An unattainable cap (below 1 / number of accounts with value) ends in equal shares.

Groups
 G1  A response of no account is ``unknown`` in account, segment, account_type and region. One of a known account
     outside the frame keeps that account's id, segment, type and region and weighs 0 but under ``none``.
 G2  ``channel`` is the response's own; empty is ``unknown`` (no look at its invitation). Its frame_count, base
     interval, role_coverage and value_coverage are null: a frame contact has no channel.
 G3  In the split account, score, shares, interval, effective_n AND max_weight_share are of the account's own weights.
 G4  role_coverage above the account: mean over the group's frame accounts (silent ones are 0) weighted by v; null where
     Σ v = 0. In role and role_group it looks at the roles of the group alone, over accounts that have one with ω > 0.
     For an account without an answering role it is 0, also outside the frame and for ``unknown``.
 G5  value_coverage: a weighed response has w > 0 under that weighting (in role splits, in that role); the denominator
     is the value of all frame accounts of the group (in role splits, those with the role present); null where it is 0.
 G6  Without weight, score, the three shares, intervals, effective_n and max_weight_share are null, contribution is 0
     (null when suppressed). Dominance cannot fail there.
 G7  n of a base interval counts responses as whole ones, also where p, q and θ̂ weigh them by share.
 G8  The complement needs exactly one suppressed group with weight, and takes a shown group with weight. A split with
     nothing else to show stays.

 G9  A response is in the group of product, bundle, journey, stage, touchpoint of each of its relevant interactions. A
     bundle is what the interaction's account holds at AS_OF; a stage goes by journey and stage; a product nobody knows
     is ``unknown``, a touchpoint outside the programme keeps its name. Nothing of this is part of the frame (see G2).

Reach
 I1  A row of rpt_response_rate stands for a group with an invitation sent or a counted response in the period; the role
     of an invitation is the contact's valid one of the greatest ω, that of a response all of them.
 I2  Its coverages are those of rpt_nps under the headline weighting; 0 where a client has somebody (value: is worth
     something) and nobody answered; null for channels and before the first response.
 I3  A response of several roles brings its weight to the role mix in equal parts.

Teams
 T1  Relevance uses the roles valid for the contact at the response's account that day (none if contact or account is
     deleted or unknown), also when the account is outside the frame of a period: shares do not depend on the period.
 T2  Interactions of an unknown touchpoint take part in shares: owner ``unattributed``, handler whoever handled it;
     their relevance comes from the rows for any touchpoint.
 T3  A touchpoint-level response takes its interaction at any time and of any account. An experience-level response
     takes every interaction that carries its journey_id at its account, also of touchpoints of no journey.
 T4  A touchpoint or experience response whose interactions all have relevance 0 is ``unattributed``.
 T5  Shrinkage takes all teams with weight, those of a single response too; "fewer than two teams of n_e > 1" is only
     the condition for null. Where σ²_pooled is 0 nothing shrinks. Suppressed teams take part and their own shrunk
     score is null.
 T6  A team with responses but no weight has contribution 0, no score and no interval.

Changes
 C1  "No row where either has no weight" speaks of the two periods; a group with weight in one of them is entry or exit.
     A group with weight in neither has no row. The total is a split of one group.
 C2  ``change`` is the sum of the four parts; the test is of the group's own score.
 C3  m counts accounts with weight in either period. Where no answer differs from its score there is no spread and no p.
 C4  Suppressed rows take no part in Benjamini–Hochberg: a reader can do it again with what is shown.

Journeys
 J1  is_skip looks forward only: a stage whose order is above the previous visit's and below this one's.
 J2  team_count is of the teams that had the interactions of the visit (handler, else owner).
 J3  The role of an interaction is one valid at the interaction's account; without one it is ``unassigned``.
     dominant_role is the role of most interactions of the instance, ``unassigned`` aside; ties by name; with none,
     ``unassigned``.
 J4  A touchpoint without a journey is in no instance. Over target is strictly longer than target_days · 86400 s.
 J5  A visit is in the period in which it was entered. Those who passed are heard through touchpoint responses about an
     interaction of the instance and experience responses with its journey_id, submitted at or after the entry; each
     counts once per stage, period and group, all alike; suppression as elsewhere.

Billing
 B1  An invoice of 0 or less asks for nothing: it has no days late and is in no record. An invoice that payments and
     credits settle was paid by the last payment up to that; before it, it was late. The kind of a payment decides,
     whatever the sign of its amount; only a payment below 0 is a refund.
 B2  A payment at the very instant of a notice was not known when it went out.
"""

from __future__ import annotations

from .billing import fct_billing_notice, fct_invoice
from .changes import rpt_nps_change
from .journeys import fct_handoff, fct_journey, fct_journey_stage, rpt_journey_stage
from .nps import fct_survey_response, rpt_nps, rpt_nps_lineage
from .reach import rpt_response_rate
from .records import Variables, World, load_world, read_landing, read_programme
from .teams import fct_feedback_delivery, rpt_team_contribution, rpt_team_contribution_lineage, shares
from .weights import Frame, Period, counted_responses, frame, periods, response_weights, unit_weights

__all__ = [
    "Frame",
    "Period",
    "Variables",
    "World",
    "counted_responses",
    "fct_billing_notice",
    "fct_feedback_delivery",
    "fct_handoff",
    "fct_invoice",
    "fct_journey",
    "fct_journey_stage",
    "fct_survey_response",
    "frame",
    "load_world",
    "periods",
    "read_landing",
    "read_programme",
    "response_weights",
    "rpt_journey_stage",
    "rpt_nps",
    "rpt_nps_change",
    "rpt_nps_lineage",
    "rpt_response_rate",
    "rpt_team_contribution",
    "rpt_team_contribution_lineage",
    "shares",
    "unit_weights",
]
