{#- What tells apart the moments of an open invoice: today, counted as 0, and the days after it. -#}
{% macro open_moment_id(invoice_id, days_ahead) -%}
    'invoice ' || {{ invoice_id }} || ' ' || cast({{ days_ahead }} as varchar)
{%- endmacro %}

{#- The severities that may be asked of an open invoice: one row each. -#}
{% macro severities() -%}
    {%- for severity in range(var('notice_tones') | length) %}
    select {{ severity }} as severity
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Whether somebody speaks with the client through a channel. -#}
{% macro is_spoken(channel) -%}
    coalesce({{ channel }} in ('{{ var("spoken_channels") | join("', '") }}'), false)
{%- endmacro %}

{#- Whether a value lies between two bounds, both included; an empty bound holds for every value, and for none. -#}
{% macro is_within(value, low, high=none) -%}
    coalesce({{ value }} >= {{ low }}, {{ low }} is null)
    {%- if high %} and coalesce({{ value }} <= {{ high }}, {{ high }} is null){% endif %}
{%- endmacro %}

{#- Whether a notice of a severity demands payment before or on the due day. -#}
{% macro is_demand_before_due(severity, days_past_due) -%}
    coalesce({{ severity }} >= {{ var('demand_minimum_severity') }} and {{ days_past_due }} <= 0, false)
{%- endmacro %}

{#- Whether a severity is out of tone for a client with such a payment record, for so many years. -#}
{% macro is_tone_mismatch(severity, known_invoices, on_time_rate, tenure_years) -%}
    coalesce(
            {{ severity }} >= {{ var('tone_minimum_severity') }}
            and {{ known_invoices }} >= {{ var('tone_minimum_invoices') }}
            and {{ on_time_rate }} >= {{ var('tone_minimum_on_time_rate') }} - {{ var('tolerance') }}
            and {{ tenure_years }} >= {{ var('tone_minimum_tenure_years') }} - {{ var('tolerance') }},
            false
        )
{%- endmacro %}

{#-
    What went on at the account of each moment: of several conflicts of a kind the oldest one's team. A renewal is a
    matter of days (renewal_day), everything else of instants (judged_at). Moments without a conflict are absent.
-#}
{% macro conflicts_at(moments, conflicts) -%}
    select
        moment_id,
        {% for kind in ['escalation', 'dispute', 'renewal_window'] -%}
        max(case when conflict_kind = '{{ kind }}' and place = 1 then team_id end) as {{ kind }}_team_id,
        {% endfor -%}
        max(case when conflict_kind = 'outage' then 1 else 0 end) as outage_count,
        max(case when conflict_kind = 'renewal_window' then ended_on end) as renewal_ends_on
    from (
        select
            moments.moment_id,
            conflicts.conflict_kind,
            conflicts.team_id,
            {{ day_of('conflicts.ended_at') }} as ended_on,
            row_number() over (
                partition by moments.moment_id, conflicts.conflict_kind
                order by conflicts.started_at, conflicts.team_id
            ) as place
        from {{ moments }} as moments
        inner join {{ conflicts }} as conflicts on moments.counted_account_id = conflicts.counted_account_id
        where
            case
                when conflicts.conflict_kind = 'renewal_window'
                    then
                        moments.renewal_day >= {{ day_of('conflicts.started_at') }}
                        and moments.renewal_day < {{ day_of('conflicts.ended_at') }}
                else moments.judged_at >= conflicts.started_at and coalesce(moments.judged_at < conflicts.ended_at, true)
            end
    ) as going_on
    group by moment_id
{%- endmacro %}

{#-
    The invoices that tell whether one may be asked for: itself and those of its number, and (is_netted) all of its
    account's currency where a credit is among them; without one an account owes whatever any of them asks for.
-#}
{% macro invoices_looked_at(invoices, versions) -%}
    {%- set number = "coalesce('number ' || {}.invoice_number, 'id ' || {}.invoice_id)" %}
    select
        own.invoice_id,
        others.invoice_id as other_id,
        false as is_netted
    from {{ invoices }} as own
    inner join {{ invoices }} as others
        on
            own.counted_account_id = others.counted_account_id
            and {{ number.format('own', 'own') }} = {{ number.format('others', 'others') }}

    union all

    select
        own.invoice_id,
        others.invoice_id as other_id,
        true as is_netted
    from {{ invoices }} as own
    inner join (
        select
            invoices.counted_account_id,
            invoices.currency
        from {{ invoices }} as invoices
        inner join {{ versions }} as versions on invoices.invoice_id = versions.invoice_id
        where versions.amount < 0
        group by
            invoices.counted_account_id,
            invoices.currency
    ) as crediting
        on
            own.counted_account_id = crediting.counted_account_id
            and own.currency = crediting.currency
    inner join {{ invoices }} as others
        on
            own.counted_account_id = others.counted_account_id
            and own.currency = others.currency
{%- endmacro %}

{#-
    The reasons that rows can hold, of var guard_reasons: one row each of `int_billing__verdict_reasons`.

    code, verdict, place   as the variable has them
    severity               from which it applies: what asks for nothing needs no permission; without one, from 0
    when                   the condition, over columns of the step that asks
    team                   who decides, where not the sender; a touchpoint that nobody owns goes to the sender
    until                  the day at whose local beginning it ends; none: until somebody settles it
-#}
{% macro verdict_reasons() -%}
    {%- set demand, tone = var('demand_minimum_severity'), var('tone_minimum_severity') -%}
    {%- set conditions = {
        'nothing_owed': {'severity': 1, 'when': 'not is_owed'},
        'demand_before_due': {'severity': demand, 'when': 'is_demand_before_due', 'until': add_days('due_on', 1)},
        'promised': {'severity': 1, 'when': 'promised_on >= on_day', 'until': add_days('promised_on', 1)},
        'disputed': {'severity': 1, 'when': 'is_disputed', 'team': 'dispute_owner_id'},
        'open_escalation':
            {'severity': 1, 'when': 'escalation_team_id is not null', 'team': 'escalation_team_id'},
        'billed_twice': {'severity': 1, 'when': 'is_billed_twice'},
        'rule_hold': {'severity': 1, 'when': 'is_held_by_rule', 'until': 'rule_changes_on'},
        'invoice_unknown': {'when': 'not is_invoice_known'},
        'account_unknown': {'when': 'not is_account_known'},
        'data_in_doubt': {'when': 'is_in_doubt'},
        'tone_mismatch': {'severity': tone, 'when': 'is_tone_mismatch'},
        'harder_than_guidance': {'severity': 1, 'when': 'severity > rule_severity', 'until': 'rule_changes_on'},
        'talk_first':
            {'severity': demand, 'when': "rule_channel in ('call', 'meeting') and not coalesce(is_spoken, false)"},
        'renewal_window': {'severity': demand, 'when': 'renewal_ends_on is not null',
            'team': 'renewal_window_team_id', 'until': 'renewal_ends_on'},
        'open_dispute': {'severity': demand, 'when': 'dispute_team_id is not null', 'team': 'dispute_team_id'},
        'open_outage': {'when': 'has_open_outage'},
        'no_payment_record': {'when': 'known_invoices = 0'},
        'no_tenure': {'when': 'tenure_years is null'},
        'no_rule': {'when': 'rule_id is null'},
    } -%}
    {%- set found = [] -%}
    {%- for code, verdict in var('guard_reasons').items() if code in conditions -%}
        {%- do found.append(dict(
            conditions[code], code=code, verdict=verdict, place=(var('guard_reasons') | list).index(code) + 1
        )) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- How heavy a verdict is: its place in var guard_verdicts, a note weighing nothing. -#}
{% macro weight_of(verdict) -%}
    case {{ verdict }}
    {%- for name in var('guard_verdicts') %} when '{{ name }}' then {{ loop.index0 }}{% endfor %} end
{%- endmacro %}

{#- What follows from the heaviest weight of several reasons. -#}
{% macro verdict_of(weight) -%}
    case {{ weight }}
    {%- for name in var('guard_verdicts')[1:] %} when {{ loop.index }} then '{{ name }}'{% endfor %} else 'go' end
{%- endmacro %}

{#-
    Reasons drawn together: the heaviest verdict, the same for a notice that is spoken, all codes in their order, and who
    decides until when by the first reason of that weight. Moments and severities without a reason are absent.
-#}
{% macro verdicts(reasons) -%}
    select
        moment_id,
        severity,
        {{ verdict_of('max(weight)') }} as verdict,
        {{ verdict_of("max(case when reason <> 'talk_first' then weight end)") }} as verdict_spoken,
        {{ string_agg_sorted('reason', ',', 'place') }} as reasons,
        max(case when rank_by_weight = 1 and weight > 0 then decides_team_id end) as decides_team_id,
        max(case when rank_by_weight = 1 and weight > 0 then until_at end) as until_at
    from (
        select
            *,
            {{ weight_of('verdict') }} as weight,
            row_number() over (
                partition by moment_id, severity order by {{ weight_of('verdict') }} desc, place
            ) as rank_by_weight
        from {{ reasons }}
    ) as weighed
    group by
        moment_id,
        severity
{%- endmacro %}

{#-
    The check that each notice belongs to: the last one before it under its own id, else the last one of its invoice and
    kind within `check_days`. Notices without one are absent.
-#}
{% macro checks_of_notices(notices, checks) -%}
    select
        notice_id,
        check_id
    from (
        select
            notice_id,
            check_id,
            row_number() over (partition by notice_id order by is_own desc, asked_at desc, check_id desc) as place
        from (
            select
                notices.notice_id,
                checks.check_id,
                checks.asked_at,
                1 as is_own
            from {{ notices }} as notices
            inner join {{ checks }} as checks
                on notices.notice_id = checks.notice_id and notices.sent_at >= checks.asked_at
            union all
            select
                notices.notice_id,
                checks.check_id,
                checks.asked_at,
                0 as is_own
            from {{ notices }} as notices
            inner join {{ checks }} as checks
                on
                    notices.invoice_id = checks.invoice_id
                    and notices.notice_kind = checks.notice_kind
                    and notices.sent_at >= checks.asked_at
                    and notices.sent_at <= checks.asked_at + interval '{{ var("check_days") }}' day
        ) as candidates
    ) as belonging
    where place = 1
{%- endmacro %}

{#- One end of the 95 % interval of a share of so many, by Wilson's score; null where there are none. -#}
{% macro wilson_end(share, count, sign) -%}
    {%- set z = var('z_score') -%}
    ({{ share }} + {{ z }} * {{ z }} / (2.0 * {{ count }}) {{ sign }} {{ z }} * sqrt(
            {{ share }} * (1 - {{ share }}) / {{ count }} + {{ z }} * {{ z }} / (4.0 * {{ count }} * {{ count }})
        )) / (1 + {{ z }} * {{ z }} / {{ count }})
{%- endmacro %}
