{#- How often `needle` stands in `text`. -#}
{% macro occurrences(text, needle) -%}
    (length({{ text }}) - length(replace({{ text }}, {{ needle }}, ''))) / length({{ needle }})
{%- endmacro %}

{#- Severity a kind of notice has whatever its wording. -#}
{% macro severity_of_kind(notice_kind) -%}
    case {{ notice_kind }}
        {%- for kind, severity in var('notice_kinds').items() %}
        when '{{ kind }}' then {{ severity }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Word for a severity. -#}
{% macro tone_of(severity) -%}
    case {{ severity }}
        {%- for tone in var('notice_tones') %}
        when {{ loop.index0 }} then '{{ tone }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- What a payment adds to what is paid: the kind decides, whatever the sign; only a payment below 0 is a refund. -#}
{% macro paid_change(payments) -%}
    case
            when {{ payments }}.kind = 'payment' then {{ payments }}.amount
            when {{ payments }}.kind = 'refund' then -abs({{ payments }}.amount)
            else 0
        end
{%- endmacro %}

{#- What it takes off the amount that has to be paid: a credit note or a write-off. -#}
{% macro credited_change(payments) -%}
    case when {{ payments }}.kind in ('credit_note', 'write_off') then abs({{ payments }}.amount) else 0 end
{%- endmacro %}

{#- What is owed of an invoice: nothing where more than all is paid; what it credits where it is negative. -#}
{% macro owed_amount(amount, settled) -%}
    case
            when {{ amount }} >= 0 then greatest({{ amount }} - ({{ settled }}), 0)
            else least({{ amount }} - ({{ settled }}), 0)
        end
{%- endmacro %}

{#-
    Spells in which invoices were open or settled, from begins_at (null: since ever) to ends_at (null: still at the
    clock), with paid_at of a settled one: the last payment before it; null where credits alone settled the invoice.
    `invoices` has the amount; what comes in after the clock is not known yet.
-#}
{% macro settlement_spells(invoices, payments, clock) -%}
{%- set order = 'partition by invoice_id order by changed_at nulls first, length(payment_id), payment_id' -%}
{%- set so_far = 'over (' ~ order ~ ' rows between unbounded preceding and current row)' %}
    select
        invoice_id,
        is_settled,
        case when is_settled and paid_amount > 0 then last_paid_at end as paid_at,
        changed_at as begins_at,
        lead(changed_at) over (partition by invoice_id order by place) as ends_at
    from (
        select
            *,
            lag(is_settled) over (partition by invoice_id order by place) as was_settled
        from (
            select
                *,
                amount > 0 and paid_amount + credited_amount >= amount as is_settled
            from (
                select
                    invoice_id,
                    changed_at,
                    amount,
                    row_number() over ({{ order }}) as place,
                    sum(paid) {{ so_far }} as paid_amount,
                    sum(credited) {{ so_far }} as credited_amount,
                    max(case when paid > 0 then changed_at end) {{ so_far }} as last_paid_at
                from (
                    select
                        invoice_id,
                        amount,
                        cast(null as varchar) as payment_id,
                        cast(null as {{ type_instant() }}) as changed_at,
                        0 as paid,
                        0 as credited
                    from {{ invoices }}
                    union all
                    select
                        payments.invoice_id,
                        invoices.amount,
                        payments.payment_id,
                        payments.paid_at as changed_at,
                        {{ paid_change('payments') }} as paid,
                        {{ credited_change('payments') }} as credited
                    from {{ payments }} as payments
                    inner join {{ invoices }} as invoices on payments.invoice_id = invoices.invoice_id
                    cross join {{ clock }} as clock
                    where payments.paid_at <= clock.as_of
                ) as changes
            ) as running
        ) as judged
    ) as compared
    where is_settled is distinct from was_settled
{%- endmacro %}

{#-
    Payment record of `scope` at each of its moments: the running sum of the changes known by then, in one pass over
    both. `moments` has the scope's columns, moment_id, on_day and known_at (null for the end of the day); a change at the
    very instant of a moment is not known yet. Changes of one instant have no order among themselves, and need none: a
    range takes them together.
-#}
{% macro payment_record(moments, changes, scope) -%}
{%- set order = 'on_day, case when is_moment and known_at is null then 2 when known_at is null then 0 else 1 end, known_at, is_moment desc' -%}
{%- set frame = 'over (partition by ' ~ scope | join(', ') ~ ' order by ' ~ order
    ~ ' range between unbounded preceding and current row)' -%}
    select
        {{ scope | join(', ') }},
        moment_id,
        is_moment,
        sum(known_change) {{ frame }} as known_invoices,
        sum(on_time_change) {{ frame }} as on_time_invoices,
        sum(days_late_change) {{ frame }}
        + sum(unpaid_change) {{ frame }} * {{ days_between("date '1970-01-01'", 'on_day') }}
        - sum(unpaid_due_change) {{ frame }} as days_late
    from (
        select
            {{ scope | join(', ') }},
            cast(null as varchar) as moment_id,
            false as is_moment,
            on_day,
            known_at,
            known_change,
            on_time_change,
            days_late_change,
            unpaid_change,
            unpaid_due_change
        from {{ changes }}
        union all
        select
            {{ scope | join(', ') }},
            moment_id,
            true as is_moment,
            on_day,
            known_at,
            0 as known_change,
            0 as on_time_change,
            0 as days_late_change,
            0 as unpaid_change,
            0 as unpaid_due_change
        from {{ moments }}
    ) as timeline
{%- endmacro %}

{#- Open amount that has been due for `low` to `high` days, both included; none is no bound. -#}
{% macro aged_amount(low, high) -%}
    cast(coalesce(sum(
        case
            when true
                {%- if low is not none %} and days_past_due >= {{ low }}{% endif %}
                {%- if high is not none %} and days_past_due <= {{ high }}{% endif %} then open_amount
        end
    ), 0) as decimal(18, 2))
{%- endmacro %}

{#- What the known invoices of a record have in common: the share paid on time, their mean days late. -#}
{% macro per_known_invoice(total, known_invoices) -%}
    cast({{ total }} as {{ type_double() }}) / nullif({{ known_invoices }}, 0)
{%- endmacro %}
