"""Periods, counted responses, the frame, and what each response weighs.

Belongs here: methods 1 and the weights of 2. Does not: groups, intervals, suppression.

A world does not change once made, so what is asked of it again and again is remembered; callers must not change it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from .records import Record, World, day_of, in_time

LEVELS = ("relationship", "experience", "touchpoint")
WEIGHTINGS = ("value", "account", "none")
ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True, order=True)
class Period:
    """A period: grain, first day, first day after it."""

    grain: str
    start: date
    end: date

    def holds(self, day: date) -> bool:
        """Whether a UTC day lies in the period."""
        return self.start <= day < self.end


def _month_start(day: date, months: int = 0) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_of(day: date, grain: str) -> Period:
    """The quarter or month that holds a day, or the trailing year that ends with the day's month."""
    month = _month_start(day)
    if grain == "month":
        return Period(grain, month, _month_start(day, 1))
    if grain == "quarter":
        start = _month_start(month, -((month.month - 1) % 3))
        return Period(grain, start, _month_start(start, 3))
    end = _month_start(day, 1)
    return Period(grain, end - timedelta(days=365), end)


def periods(world: World) -> list[Period]:
    """Every period from the first response to the one that holds AS_OF, of all grains."""
    return periods_from(world, (r["submitted_at"] for r in world.responses.values()))


def periods_from(world: World, instants: Iterable[datetime]) -> list[Period]:
    """Every period from the first of some instants to the one that holds AS_OF, of all grains."""
    days = [day_of(instant) for instant in instants]
    if not days:
        return []
    last = day_of(world.as_of)
    found: set[Period] = set()
    month = _month_start(min(days))
    while month <= last:
        found.update(period_of(month, grain) for grain in ("quarter", "month", "trailing_year"))
        month = _month_start(month, 1)
    return sorted(found)


@lru_cache(maxsize=512)
def counted_responses(world: World, level: str, period: Period) -> list[Record]:
    """The latest answered response of each respondent in a level and period, by response_id."""
    latest: dict[str, Record] = {}
    for response in world.responses.values():
        if response["level"] != level or response["y"] is None or not period.holds(day_of(response["submitted_at"])):
            continue
        best = latest.get(response["respondent"])
        if best is None or _place(best) < _place(response):
            latest[response["respondent"]] = response
    return sorted(latest.values(), key=lambda r: str(r["response_id"]))


def _place(response: Record) -> tuple[datetime, int, str]:
    return in_time(response, "submitted_at", "response_id")


@dataclass
class Frame:
    """The clients of a period: contacts by account and role, and each present role's ω."""

    accounts: list[str]
    contacts: dict[tuple[str, str], set[str]]
    omega: dict[tuple[str, str], Fraction]
    values: dict[str, Fraction] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)

    def omega_present(self, account: str, roles: Iterable[str] | None = None) -> Fraction:
        """Σ ω over the present roles of an account, or over those among ``roles``."""
        wanted = None if roles is None else set(roles)
        present = self.roles.get(account, [])
        return sum((self.omega[account, r] for r in present if wanted is None or r in wanted), ZERO)


@lru_cache(maxsize=512)
def frame(world: World, period: Period) -> Frame:
    """Frame accounts of a period with N(a, r) as sets of contacts and ω on the period's last day."""
    accounts = sorted(
        account
        for account, record in world.accounts.items()
        if world.is_client(account)
        and (record["customer_since"] is None or record["customer_since"] < period.end)
        and (record["churned_on"] is None or record["churned_on"] > period.start)
    )
    contacts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in world.contact_roles:
        first = max(row["valid_from"], period.start)
        last = min(row["valid_to"] or period.end, period.end)
        if row["account"] in accounts and first < last:
            contacts[row["account"], row["role"]].add(row["contact_id"])
    last_day = period.end - timedelta(days=1)
    omega = {(account, role): world.omega(role, account, last_day) for account, role in contacts}
    roles: dict[str, list[str]] = defaultdict(list)
    for account, role in sorted(contacts):
        roles[account].append(role)
    return Frame(accounts, dict(contacts), omega, world.values(accounts, last_day), dict(roles))


def account_shares(world: World, clients: Frame, weighting: str) -> dict[str, Fraction]:
    """v of each frame account with a present role of positive ω; they sum to 1."""
    eligible = [a for a in clients.accounts if clients.omega_present(a) > 0]
    values = {a: clients.values[a] for a in eligible}
    if weighting != "value" or not any(values.values()):
        values = dict.fromkeys(eligible, Fraction(1))
    total = sum(values.values(), ZERO)
    v = {a: value / total for a, value in values.items()}
    cap = world.variables.max_account_share
    return v if cap is None else capped(v, cap)


def capped(v: dict[str, Fraction], cap: Fraction) -> dict[str, Fraction]:
    """Shares cut at a cap, the excess given to the others in proportion, until stable."""
    if cap * sum(share > 0 for share in v.values()) <= 1:
        positive = sum(share > 0 for share in v.values())
        return {a: Fraction(1, positive) if share > 0 else ZERO for a, share in v.items()}
    fixed: set[str] = set()
    while True:
        over = {a for a, share in v.items() if share > cap}
        if not over:
            return v
        fixed |= over
        rest = sum((share for a, share in v.items() if a not in fixed), ZERO)
        free = 1 - cap * len(fixed)
        v = {a: cap if a in fixed else share * free / rest for a, share in v.items()}


def units(responses: list[Record], clients: Frame) -> dict[str, dict[str, Fraction]]:
    """Share of each response in each of its roles in the frame; empty where it is unassigned."""
    in_frame = set(clients.accounts)
    roles = {r["response_id"]: r["roles"] if r["account"] in in_frame else [] for r in responses}
    return {i: {role: Fraction(1, len(valid)) for role in valid} for i, valid in roles.items()}


@lru_cache(maxsize=512)
def unit_weights(world: World, level: str, period: Period, weighting: str) -> dict[str, dict[str, Fraction]]:
    """Weight of every counted response by role: ``{response_id: {role: weight}}``; ``unassigned`` weighs under none."""
    responses = counted_responses(world, level, period)
    clients = frame(world, period)
    shares = units(responses, clients)
    if weighting == "none":
        return _equal_weights(responses, shares)
    given = _cell_weights(world, responses, clients, shares, weighting)
    return {
        response_id: {role: given.get((response_id, role), ZERO) for role in by_role} or {"unassigned": ZERO}
        for response_id, by_role in shares.items()
    }


def response_weights(world: World, level: str, period: Period, weighting: str) -> dict[str, Fraction]:
    """w of every counted response; they sum to 1 if any response has a role of positive ω in the frame."""
    return {
        response_id: sum(by_role.values(), ZERO)
        for response_id, by_role in unit_weights(world, level, period, weighting).items()
    }


Given = dict[tuple[str, str], Fraction]


def _equal_weights(responses: list[Record], shares: dict[str, dict[str, Fraction]]) -> dict[str, dict[str, Fraction]]:
    """Every response weighs 1/n, whoever gave it; those of accounts that are no clients weigh nothing."""
    n = sum(response["is_client"] for response in responses)
    weight = {response["response_id"]: Fraction(response["is_client"], n or 1) for response in responses}
    return {
        response_id: {role: weight[response_id] * share for role, share in (by_role or {"unassigned": ONE}).items()}
        for response_id, by_role in shares.items()
    }


def _cell_weights(
    world: World, responses: list[Record], clients: Frame, shares: dict[str, dict[str, Fraction]], weighting: str
) -> Given:
    account_of = {r["response_id"]: r["account"] for r in responses}
    segment_of = {a: world.attribute(a, "segment") for a in clients.accounts}
    # every unit that may give or receive: (response, role) -> share
    pool = {
        (i, role): share
        for i, by_role in shares.items()
        for role, share in by_role.items()
        if clients.omega[account_of[i], role] > 0
    }
    given: Given = defaultdict(lambda: ZERO)
    if not pool:
        return given

    def hand_out(amount: Fraction, receivers: Given) -> None:
        total = sum(receivers.values(), ZERO)
        for unit, share in receivers.items():
            given[unit] += amount * share / total

    v = account_shares(world, clients, weighting)
    for account, share_of_account in v.items():
        present = [role for role in clients.roles[account] if clients.omega[account, role] > 0]
        answered = {
            role: {u: s for u, s in pool.items() if account_of[u[0]] == account and u[1] == role} for role in present
        }
        answering = {role: own for role, own in answered.items() if own}
        for role in present:
            cell = share_of_account * clients.omega[account, role] / clients.omega_present(account)
            if answered[role]:
                hand_out(cell, answered[role])
                continue
            segment = {u: s for u, s in pool.items() if segment_of[account_of[u[0]]] == segment_of[account]}
            donors = {u: s for u, s in segment.items() if u[1] == role}
            d = sum(donors.values(), ZERO)
            borrowed = d / (d + world.variables.donor_prior)
            if donors:
                hand_out(borrowed * cell, donors)
            rest = (1 - borrowed) * cell
            if answering:
                total = sum((clients.omega[account, r] for r in answering), ZERO)
                for own_role, own in answering.items():
                    hand_out(rest * clients.omega[account, own_role] / total, own)
            else:
                hand_out(rest, segment or pool)
    return given
