"""The headline marts in pandas: what an analyst would write over the same files.

Belongs here: one straightforward script, read top to bottom. Does not: most of the product. It has the role-weighted
score by quarter in total and by segment, and the contribution of the accountable teams; no other period or weighting,
no intervals, suppression, lineage, tests, quarantine, incremental runs, and it holds all of its data in memory.

    python -m bench.alternatives.in_pandas LANDING PROGRAMME OUT.json
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import process
from bench.alternatives.common import NotInstalledError
from bench.figures import Alternative

if TYPE_CHECKING:
    from bench.runs import Bench

NAME = "pandas, the headline alone"
WORK = "score by quarter, total, segment and team, one weighting; ours is the whole product"
NEEDS = "pandas and pyarrow"

_DONOR_PRIOR, _ATTRIBUTION_DAYS = 5, 90
_TOLERANCE = 1e-6
_MARTS = """
    select level, period_start::varchar, split, group_id, score, contribution from marts.rpt_nps
    where period_grain = 'quarter' and weighting = 'value' and split in ('total', 'segment') and score is not null
    union all
    select level, period_start::varchar, 'team', team_id, team_score, contribution from marts.rpt_team_contribution
    where period_grain = 'quarter' and weighting = 'value' and attribution_rule = 'owner' and team_score is not null
"""


def measure(bench: Bench) -> Alternative:
    """Run the script on the landed files and compare its numbers with the published ones."""
    import duckdb

    if importlib.util.find_spec("pandas") is None or importlib.util.find_spec("pyarrow") is None:
        raise NotInstalledError(NEEDS)
    out = bench.work / "pandas.json"
    script = ["-m", "bench.alternatives.in_pandas", str(bench.world.landing), str(bench.home / "programme")]
    ran = process.measure(process.python(*script, str(out)), folder=bench.work)
    with duckdb.connect(str(bench.home / "published/current/answerable.duckdb"), read_only=True) as marts:
        published = {tuple(row[:4]): tuple(row[4:]) for row in marts.execute(_MARTS).fetchall()}
    found = {tuple(row[:4]): tuple(row[4:]) for row in json.loads(out.read_text(encoding="utf-8"))}
    same = sum(_close(found.get(key), value) for key, value in published.items())
    note = f"{ran.peak_bytes / 1e9:.1f} GB at its peak; {same} of {len(published)} published numbers agree to 1e-6"
    return Alternative(NAME, WORK, ran.seconds, bench.value("full run"), note)


def _close(found: tuple[float, ...] | None, published: tuple[float, ...]) -> bool:
    return found is not None and all(abs(a - b) < _TOLERANCE for a, b in zip(found, published, strict=True))


def main(landing: Path, programme: Path, out: Path) -> None:
    """Read, weigh, attribute, sum."""
    pd: Any = importlib.import_module("pandas")

    def landed(entity: str, keys: list[str], columns: list[str]) -> Any:
        """Return the latest version of every record, deleted ones included."""
        files = sorted((landing / entity).rglob("*.*"))
        wanted = [*dict.fromkeys([*keys, *columns, "updated_at"])]
        if entity not in ("survey/surveys", "survey/questions"):
            wanted.append("is_deleted")
        if files[0].suffix == ".parquet":
            rows = pd.concat(pd.read_parquet(file, columns=wanted) for file in files)
        else:
            rows = pd.concat(pd.read_csv(file, usecols=wanted, dtype=str) for file in files)
            for column in wanted:
                if column.endswith("_at"):
                    rows[column] = pd.to_datetime(rows[column], utc=True, format="ISO8601")
                elif column in ("annual_value", "score"):
                    rows[column] = rows[column].astype(float)
                elif column == "is_deleted":
                    rows[column] = rows[column] == "true"
        rows = rows.sort_values("updated_at").drop_duplicates(keys, keep="last")
        for column in wanted:
            if column.endswith(("_since", "_on", "_from", "_to")):
                rows[column] = pd.to_datetime(rows[column])
        return rows

    def alive(rows: Any) -> Any:
        return rows[~rows["is_deleted"].fillna(False).astype(bool)].drop(columns=["is_deleted", "updated_at"])

    def table(name: str) -> Any:
        rows = pd.read_csv(programme / f"{name}.csv", keep_default_na=False)
        for column in ("valid_from", "valid_to"):
            if column in rows:
                rows[column] = pd.to_datetime(rows[column].replace("", None)).fillna(
                    pd.Timestamp("1900-01-01" if column == "valid_from" else "2200-01-01")
                )
        return rows

    # Accounts, merges followed to the survivor
    everyone = landed(
        "crm/accounts",
        ["account_id"],
        ["account_type", "segment", "region", "annual_value", "customer_since", "status", "churned_on",
         "merged_into_account_id"],
    )  # fmt: skip
    survivor = everyone.set_index("account_id")["merged_into_account_id"].dropna()
    accounts = alive(everyone)
    accounts = accounts[accounts["merged_into_account_id"].isna()].set_index("account_id")
    accounts["annual_value"] = accounts["annual_value"].astype(float).fillna(0).clip(lower=0)
    for column in ("segment", "account_type", "region"):
        accounts[column] = accounts[column].fillna("unknown")

    def merged(ids: Any) -> Any:
        while (moved := ids.isin(survivor.index)).any():
            ids = ids.where(~moved, ids.map(survivor))
        return ids.where(ids.isin(accounts.index), "unknown")

    contacts = alive(landed("crm/contacts", ["contact_id"], ["account_id"]))
    roles = alive(
        landed("crm/contact_roles", ["contact_id", "account_id", "role", "valid_from"], ["valid_to"])
    )  # fmt: skip
    roles["account"] = merged(roles["account_id"])
    roles["valid_to"] = roles["valid_to"].fillna(pd.Timestamp("2200-01-01"))
    roles = roles[roles["contact_id"].isin(contacts["contact_id"]) & (roles["account"] != "unknown")]

    # Answers to the recommendation question
    surveys = landed("survey/surveys", ["survey_id"], ["level"])[["survey_id", "level"]]
    questions = landed("survey/questions", ["survey_id", "question_id"], ["metric"])
    questions = questions.loc[questions["metric"] == "nps", ["survey_id", "question_id"]]
    responses = alive(
        landed(
            "survey/responses",
            ["response_id"],
            ["survey_id", "account_id", "contact_id", "submitted_at", "interaction_id", "journey_id"],
        )
    )
    answers = alive(landed("survey/answers", ["response_id", "question_id"], ["score"]))
    responses = responses.merge(surveys).merge(questions).merge(answers)
    responses = responses[responses["score"].between(0, 10) & (responses["score"] % 1 == 0)]
    responses["y"] = (responses["score"] >= 9).astype(int) - (responses["score"] <= 6).astype(int)
    responses["account"] = merged(responses["account_id"])
    instant = responses["submitted_at"].dt.tz_convert(None)
    responses["day"], responses["period"] = instant.dt.normalize(), instant.dt.to_period("Q").dt.start_time
    responses = responses.sort_values(["submitted_at", "response_id"])
    responses = responses.drop_duplicates(["level", "period", "contact_id"], keep="last")

    # Roles on the day, shares of them
    held = responses[["response_id", "contact_id", "account", "day"]].merge(roles[
        ["contact_id", "account", "role", "valid_from", "valid_to"]
    ])  # fmt: skip
    held = held[(held["valid_from"] <= held["day"]) & (held["day"] < held["valid_to"])]
    held = held[["response_id", "role"]].drop_duplicates()
    held["share"] = 1 / held.groupby("response_id")["role"].transform("size")

    # Weights: per quarter and level, cells of account and role
    weights_of_roles = table("role_weights")
    weighed = []
    for period, of_period in responses.groupby("period"):
        end = period + pd.DateOffset(months=3)
        frame = accounts[
            (accounts["status"] != "prospect")
            & ~(accounts["customer_since"] >= end)
            & ~(accounts["churned_on"] <= period)
        ]
        cells = roles[(roles["valid_from"] < end) & (roles["valid_to"] > period)]
        cells = cells[["account", "role"]].drop_duplicates().merge(frame, left_on="account", right_index=True)
        last = end - pd.Timedelta(days=1)
        valid = weights_of_roles[(weights_of_roles["valid_from"] <= last) & (last < weights_of_roles["valid_to"])]
        by_type = valid.set_index(["role", "account_type"])["weight"]
        exact = cells.set_index(["role", "account_type"]).index.map(by_type)
        cells["omega"] = exact
        cells["omega"] = cells["omega"].fillna(cells["role"].map(by_type.xs("*", level=1))).fillna(0.0)
        cells = cells[cells["omega"] > 0]
        values = cells.drop_duplicates("account").set_index("account")["annual_value"]
        v = values / values.sum()
        cells["c"] = cells["account"].map(v) * cells["omega"] / cells.groupby("account")["omega"].transform("sum")
        for _, of_level in of_period.groupby("level"):
            units = of_level.merge(held).merge(cells[["account", "role", "omega", "c", "segment"]])
            if units.empty:
                continue
            n = units.groupby(["account", "role"])["share"].sum().rename("n")
            full = cells.merge(n, left_on=["account", "role"], right_index=True, how="left")
            answering, empty = full[full["n"].notna()], full[full["n"].isna()].copy()
            donors = units.groupby(["segment", "role"])["share"].sum().rename("d")
            empty = empty.merge(donors, left_on=["segment", "role"], right_index=True, how="left").fillna({"d": 0.0})
            empty["given"] = empty["c"] * empty["d"] / (empty["d"] + _DONOR_PRIOR)
            empty["rest"] = empty["c"] - empty["given"]
            own = answering.groupby("account")["omega"].sum()
            has_own = empty["account"].isin(own.index)
            in_segment = units.groupby("segment")["share"].sum()
            has_segment = ~has_own & empty["segment"].isin(in_segment.index)
            to_account = empty[has_own].groupby("account")["rest"].sum()
            to_segment = empty[has_segment].groupby("segment")["rest"].sum()
            to_all = empty.loc[~has_own & ~has_segment, "rest"].sum()
            given = (empty.groupby(["segment", "role"])["given"].sum() / donors).rename("given")
            units = units.merge(n, left_on=["account", "role"], right_index=True)
            units = units.merge(given, left_on=["segment", "role"], right_index=True, how="left").fillna({"given": 0})
            part = units["account"].map(to_account).fillna(0) * units["omega"] / units["account"].map(own)
            per_segment = units["segment"].map(to_segment / in_segment).fillna(0)
            each = (units["c"] + part) / units["n"] + units["given"] + per_segment + to_all / units["share"].sum()
            units["w"] = each * units["share"]
            weight = units.groupby("response_id")["w"].sum()
            weighed.append(of_level.assign(w=of_level["response_id"].map(weight).fillna(0.0)))
    found = pd.concat(weighed)
    found["segment"] = found["account"].map(accounts["segment"]).fillna("unknown")
    found["points"] = 100 * found["w"] * found["y"]

    # Teams: every response over the interactions it is about
    interactions = alive(
        landed(
            "crm/interactions",
            ["interaction_id"],
            ["account_id", "contact_id", "touchpoint", "occurred_at", "journey_id"],
        )
    )
    interactions["account"] = merged(interactions["account_id"])
    columns = ["response_id", "account", "contact_id", "submitted_at", "interaction_id", "journey_id"]
    about = {level: rows[columns] for level, rows in found.groupby("level")}
    seen = interactions[["interaction_id", "account", "contact_id", "touchpoint", "occurred_at", "journey_id"]]
    pairs = []
    if "touchpoint" in about:
        pairs.append(about["touchpoint"][["response_id", "interaction_id"]].merge(seen, on="interaction_id"))
    if "experience" in about:
        rows = about["experience"].drop(columns=["interaction_id", "contact_id"]).dropna(subset="journey_id")
        rows = rows.merge(seen, on=["account", "journey_id"])
        pairs.append(rows[rows["occurred_at"] <= rows["submitted_at"]])
    relevance = table("role_relevance").set_index(["role", "touchpoint"])["relevance"]

    def relevant(rows: Any) -> Any:
        """Return one row per response and interaction with its positive relevance, the mean over the roles."""
        rows = rows.merge(held[["response_id", "role"]], how="left").fillna({"role": "*"})
        value = pd.Series(float("nan"), index=rows.index)
        for role, touchpoint in ((True, True), (True, False), (False, True), (False, False)):
            keys = pd.MultiIndex.from_arrays(
                [rows["role"] if role else ["*"] * len(rows), rows["touchpoint"] if touchpoint else ["*"] * len(rows)]
            )
            value = value.fillna(pd.Series(keys.map(relevance), index=rows.index, dtype=float))
        rows["relevance"] = value.fillna(1.0)
        keys = ["response_id", "interaction_id", "account", "touchpoint", "occurred_at"]
        rows = rows.groupby(keys, as_index=False)["relevance"].mean()
        return rows[rows["relevance"] > 0]

    shared = [relevant(rows) for rows in pairs]
    if "relationship" in about:
        rows, window = about["relationship"].drop(columns=["interaction_id", "journey_id"]), pd.Timedelta(
            days=_ATTRIBUTION_DAYS
        )  # fmt: skip
        for by in ("contact_id", "account"):
            near = rows.drop(columns="account" if by == "contact_id" else "contact_id").merge(seen, on=by)
            near = near[near["occurred_at"].between(near["submitted_at"] - window, near["submitted_at"])]
            shared.append(relevant(near))
            rows = rows[~rows["response_id"].isin(shared[-1]["response_id"]) & (rows["account"] != "unknown")]
    shares = pd.concat(shared)
    shares["day"] = shares["occurred_at"].dt.tz_convert(None).dt.normalize()
    for column in ("account_type", "region"):
        shares[column] = shares["account"].map(accounts[column]).fillna("unknown")
    owners = table("touchpoint_owners")
    shares["team"], shares["row"] = None, range(len(shares))
    for of_type, of_region in ((True, True), (True, False), (False, True), (False, False)):
        rule = owners[((owners["account_type"] != "*") == of_type) & ((owners["region"] != "*") == of_region)]
        on = ["touchpoint", *(["account_type"] * of_type), *(["region"] * of_region)]
        open_rows = shares[shares["team"].isna()]
        hits = open_rows[["row", "day", *on]].merge(rule[[*on, "team_id", "valid_from", "valid_to"]], on=on)
        hits = hits[(hits["valid_from"] <= hits["day"]) & (hits["day"] < hits["valid_to"])].set_index("row")["team_id"]
        shares["team"] = shares["team"].fillna(shares["row"].map(hits))
    shares["team"] = shares["team"].fillna("unattributed")
    shares["s"] = shares["relevance"] / shares.groupby("response_id")["relevance"].transform("sum")
    teams = found.merge(shares.groupby(["response_id", "team"], as_index=False)["s"].sum(), how="left")
    teams = teams.fillna({"team": "unattributed", "s": 1.0})
    teams["w"], teams["points"] = teams["w"] * teams["s"], teams["points"] * teams["s"]

    result = []
    for split, rows, group in (("total", found.assign(total="total"), "total"), ("segment", found, "segment"),
                               ("team", teams, "team")):  # fmt: skip
        sums = rows.groupby(["level", "period", group])[["w", "points"]].sum()
        sums = sums[sums["w"] > 0]
        for (level, period, name), row in sums.iterrows():
            result.append([level, str(period.date()), split, name, row["points"] / row["w"], row["points"]])
    out.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
