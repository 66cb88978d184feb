{#-
    Every month, quarter and trailing year from a first instant to the one that holds the clock. `bounds` has one row:
    first_at and as_of; `dates` every day that may begin a month.
-#}
{% macro listed_periods(dates, bounds) -%}
    select
        {{ period_key() }} as period_key,
        period_grain,
        period_start,
        period_end
    from (
        select
            'month' as period_grain,
            month_start as period_start,
            {{ add_months('month_start', 1) }} as period_end
        from ({{ listed_months(dates, bounds) }}) as months

        union all

        select
            'quarter' as period_grain,
            quarter_start as period_start,
            {{ add_months('quarter_start', 3) }} as period_end
        from ({{ listed_months(dates, bounds) }}) as months
        group by quarter_start

        union all

        select
            'trailing_year' as period_grain,
            {{ add_days(add_months('month_start', 1), '-' ~ var('trailing_year_days')) }} as period_start,
            {{ add_months('month_start', 1) }} as period_end
        from ({{ listed_months(dates, bounds) }}) as months
    ) as periods
{%- endmacro %}

{#- Months, each with its quarter, from that of the first instant to that of the clock. -#}
{% macro listed_months(dates, bounds) -%}
    select
        cast(date_trunc('month', days.day) as date) as month_start,
        cast(date_trunc('quarter', days.day) as date) as quarter_start
    from {{ dates }} as days
    cross join {{ bounds }} as limits
    where
        date_trunc('month', days.day) >= date_trunc('month', limits.first_at)
        and days.day <= {{ day_of('limits.as_of') }}
    group by
        date_trunc('month', days.day),
        date_trunc('quarter', days.day)
{%- endmacro %}

{#- What names a period in one column. -#}
{% macro period_key() -%}
    period_grain || ' ' || cast(period_start as varchar)
{%- endmacro %}

{#- Per survey level and period of `periods`, the latest response of each respondent with an answer to the recommendation. -#}
{% macro counted_responses(responses, periods) -%}
    select
        ordered.level,
        periods.period_key,
        ordered.response_id
    from (
        select
            level,
            response_id,
            submitted_on,
            {{ followed_on(responses, ['level']) }} as followed_on
        from {{ responses }}
        where nps_value is not null and level is not null
    ) as ordered
    inner join {{ periods }} as periods on {{ counts_in('periods', 'ordered') }}
{%- endmacro %}

{#-
    Day of the respondent's next answer with the same keys; null for the last one. A respondent is a contact, or the
    response itself where nobody landed the contact it names (respondent_key).
-#}
{% macro followed_on(responses, keys) -%}
    lead({{ responses }}.submitted_on) over (
                partition by {{ keys | join(', ') }}, {{ responses }}.respondent_key
                order by {{ responses }}.submitted_at, length({{ responses }}.response_id), {{ responses }}.response_id
            )
{%- endmacro %}

{#- Whether an answer is of the period, and the latest there: that with the same keys which follows comes after its end. -#}
{% macro counts_in(periods, answers) -%}
    {{ answers }}.submitted_on >= {{ periods }}.period_start
        and {{ answers }}.submitted_on < {{ periods }}.period_end
        and ({{ answers }}.followed_on is null or {{ answers }}.followed_on >= {{ periods }}.period_end)
{%- endmacro %}
