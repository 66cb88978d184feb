"""Published figures against the statistics packages people trust, from the published lineage alone.

Belongs here: what statsmodels and scipy make of the responses that a version opens its figures to. Does not: how the
product computes them, other figures (test_promises.py).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from conftest import Installation
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

# each change that is shown with its group's responses in both periods
PARTS = """
with
parts as (
    select level, period_grain, period_start, period_end, weighting, 'total' as split, null as attribution_rule,
        'total' as group_id, response_id, y, weight
    from marts.rpt_nps_lineage
    union all
    select level, period_grain, period_start, period_end, weighting, 'segment', null, segment, response_id, y, weight
    from marts.rpt_nps_lineage
    join marts.fct_survey_response using (response_id, level)
    join marts.dim_account using (account_id)
    union all
    select teams.level, teams.period_grain, teams.period_start, teams.period_end, teams.weighting, 'team',
        attribution_rule, team_id, response_id, y, teams.weight * share
    from marts.rpt_team_contribution_lineage as teams
    join marts.rpt_nps_lineage as whole using (level, period_grain, period_start, weighting, response_id)
),
shown as (
    select row_number() over () as change, *,
        period_end - case when period_grain = 'quarter' then interval 3 month else interval 1 month end as previous_end
    from marts.rpt_nps_change
    where p_value is not null and split <> 'role' and period_grain <> 'month'
)
select change, score_change, p_value, parts.period_end = shown.period_end as is_now, account_id, parts.weight, parts.y
from shown
join parts
    on parts.level = shown.level and parts.period_grain = shown.period_grain and parts.weighting = shown.weighting
    and parts.split = shown.split and parts.group_id = shown.group_id
    and parts.attribution_rule is not distinct from shown.attribution_rule
    and parts.period_end in (shown.period_end, shown.previous_end)
join marts.fct_survey_response using (response_id)
where parts.weight > 0
"""


def test_changes_are_tested_as_a_regression_with_clustered_errors_would(demo: Installation) -> None:
    """Answers on a dummy of the period, weighed, errors clustered by account over both periods, times m/(m - 1).

    The dummy's coefficient is the change of the score; its t has as many degrees of freedom as clusters less one.
    """
    changes: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for change, *row in demo.rows(PARTS):
        changes[change].append(tuple(row))
    tested = 0
    for rows in changes.values():
        score_change, p_value = rows[0][:2]
        now = np.array([is_now for *_, is_now, _, _, _ in rows], dtype=float)
        names = [account for *_, account, _, _ in rows]
        if "unknown" in names:  # one member for accounts that never landed, each of which is a cluster
            continue
        tested += 1
        accounts = np.unique(names, return_inverse=True)[1]
        model = sm.WLS([y for *_, y in rows], sm.add_constant(now), weights=[weight for *_, weight, _ in rows])
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": accounts, "use_correction": False})
        clusters = len(np.unique(accounts))
        t = fit.params[1] / (fit.bse[1] * np.sqrt(clusters / (clusters - 1)))
        assert score_change == pytest.approx(100 * fit.params[1], abs=1e-8)
        # of two trailing years that are nearly the same, statsmodels takes large covariances from one another
        tolerance = 1e-9 if fit.bse[1] > 1e-3 else 1e-6
        assert p_value == pytest.approx(2 * stats.t.sf(abs(t), clusters - 1), abs=tolerance)
    assert tested > 300


def test_verdicts_are_those_of_benjamini_and_hochberg(demo: Installation) -> None:
    families: dict[tuple[Any, ...], list[tuple[float, bool, str, float]]] = defaultdict(list)
    for *family, p_value, is_detectable, verdict, score_change in demo.rows(
        """
        select level, period_grain, period_start, weighting, split, attribution_rule,
            p_value, is_detectable, verdict, score_change
        from marts.rpt_nps_change where p_value is not null
        """
    ):
        families[tuple(family)].append((p_value, is_detectable, verdict, score_change))
    found = [row for rows in families.values() for row in rows]
    assert 0 < sum(is_detectable for _, is_detectable, _, _ in found) < len(found)
    for rows in families.values():
        rejected = multipletests([p for p, *_ in rows], alpha=0.05, method="fdr_bh")[0]
        assert [is_detectable for _, is_detectable, *_ in rows] == rejected.tolist()
    for _, is_detectable, verdict, change in found:
        assert verdict == ("no detectable change" if not is_detectable else "improved" if change > 0 else "declined")


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt:RuntimeWarning")
def test_team_scores_are_shrunk_as_a_random_effects_meta_analysis_would(demo: Installation) -> None:
    """Every team is a study, its score the effect, the pooled variance over its effective n the variance.

    The variance between teams is that of DerSimonian and Laird.
    """
    pools: dict[tuple[Any, ...], dict[str, list[tuple[float, int]]]] = defaultdict(lambda: defaultdict(list))
    for *pool, team, weight, y in demo.rows(
        """
        select teams.level, teams.period_grain, teams.period_start, teams.weighting, attribution_rule, team_id,
            teams.weight * share, y
        from marts.rpt_team_contribution_lineage as teams
        join marts.rpt_nps_lineage as whole using (level, period_grain, period_start, weighting, response_id)
        where teams.weight > 0
        """
    ):
        pools[tuple(pool)][team].append((weight, y))
    shown = {
        key: score
        for *key_columns, score in demo.rows(
            """
            select level, period_grain, period_start, weighting, attribution_rule, team_id, shrunk_score
            from marts.rpt_team_contribution where shrunk_score is not null
            """
        )
        for key in [tuple(key_columns)]
    }
    assert len(shown) > 300
    drawn = 0
    for (*pool, team), score in shown.items():
        teams = pools[tuple(pool)]
        weights = {t: np.array([w for w, _ in parts]) for t, parts in teams.items()}
        answers = {t: np.array([y for _, y in parts]) for t, parts in teams.items()}
        scores = {t: float(np.average(answers[t], weights=weights[t])) for t in teams}
        mean = sum(float((weights[t] * answers[t]).sum()) for t in teams)
        variance = sum(float((weights[t] * (answers[t] - scores[t]) ** 2).sum()) for t in teams)
        variances = {t: variance * float((weights[t] ** 2).sum() / weights[t].sum() ** 2) for t in teams}
        fit = combine_effects(np.array(list(scores.values())), np.array(list(variances.values())), method_re="dl")
        between = max(0.0, float(fit.tau2))
        pull = variances[team] / (variances[team] + between)
        drawn += between > 0
        assert score == pytest.approx(100 * ((1 - pull) * scores[team] + pull * mean), abs=1e-7)
    assert drawn


def test_intervals_are_those_of_weighted_answers_and_of_clients_not_heard(demo: Installation) -> None:
    """Of three answers added beforehand, two passive halves: a weighted mean and its spread, as statsmodels has them.

    For the clients there are now, those not heard answer as a Dirichlet-multinomial would after those that were.
    """
    answers: dict[tuple[Any, ...], list[tuple[float, int]]] = defaultdict(list)
    for *key, weight, y in demo.rows(
        """
        select level, period_grain, period_start, weighting, weight, y from marts.rpt_nps_lineage where weight > 0
        """
    ):
        answers[tuple(key)].append((weight, y))
    totals = demo.rows(
        """
        select level, period_grain, period_start, weighting, ci_low, ci_high, base_ci_low, base_ci_high, frame_count
        from marts.rpt_nps where split = 'total' and suppressed_reason is null
        """
    )
    with_frame = 0
    for *key, low, high, base_low, base_high, frame_count in totals:
        weights, scores = (np.array(side, dtype=float) for side in zip(*answers[tuple(key)], strict=True))
        effective = weights.sum() ** 2 / (weights**2).sum()
        heard = sm.stats.DescrStatsW(
            np.append(scores, [1, 0, -1]), np.append(effective * weights / weights.sum(), [0.75, 1.5, 0.75])
        )
        reach = 1.959964 * heard.std / np.sqrt(effective + 3)
        assert low == pytest.approx(100 * max(heard.mean - reach, -1), abs=1e-8)
        assert high == pytest.approx(100 * min(heard.mean + reach, 1), abs=1e-8)
        if base_low is None:
            continue
        with_frame += 1
        # those of the frame alone, whom the weighting by account tells from everybody who answered
        in_frame = np.array([y for _, y in answers[*key[:3], "account"]])
        counts = np.array([(in_frame == y).sum() for y in (1, 0, -1)])
        silent = frame_count - len(in_frame)
        rest = stats.dirichlet_multinomial(np.add(counts, [0.75, 1.5, 0.75]), silent)
        signs = np.array([1, 0, -1])
        mean = (counts @ signs + rest.mean() @ signs) / frame_count
        reach = 1.959964 * np.sqrt(signs @ rest.cov() @ signs) / frame_count
        assert (base_low, base_high) == pytest.approx((100 * (mean - reach), 100 * (mean + reach)), abs=1e-8)
    assert len(totals) > 20
    assert with_frame > 5


def test_means_and_their_intervals_are_those_of_the_latest_answers(demo: Installation) -> None:
    """Of each person the latest response with the metric counts, once; the interval is Student's."""
    latest: dict[tuple[Any, ...], dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for *key, contact, submitted_at, response, score in demo.rows(
        """
        select level, period_grain, period_start, answers.metric,
            contact_key, submitted_at, response_id, avg(score_normalised)
        from marts.fct_survey_answer as answers
        join (select distinct period_grain, period_start, period_end from marts.rpt_metric_score) as periods
            on submitted_at::date >= period_start and submitted_at::date < period_end
        where level is not null
        group by all
        """
    ):
        answer = (submitted_at, response, score)
        latest[tuple(key)][contact] = max(latest[tuple(key)].get(contact, answer), answer)
    shown = demo.rows(
        """
        select level, period_grain, period_start, metric, response_count, normalised_mean, ci_low, ci_high
        from marts.rpt_metric_score
        where split = 'total' and ci_low is not null and effective_n = response_count  -- every response weighs
        """
    )
    tested = 0
    for *key, response_count, mean, low, high in shown:
        if "unknown" in latest[tuple(key)]:  # one member for people who never landed, each of whom counts
            continue
        tested += 1
        scores = sm.stats.DescrStatsW([score for *_, score in latest[tuple(key)].values()])
        assert response_count == scores.nobs
        assert mean == pytest.approx(scores.mean, abs=1e-9)
        ends = scores.tconfint_mean()
        # a series stands for Student's quantile
        tolerance = 2e-3 * (ends[1] - ends[0])
        assert low == pytest.approx(max(ends[0], 0), abs=tolerance)
        assert high == pytest.approx(min(ends[1], 100), abs=tolerance)
    assert tested > 30
