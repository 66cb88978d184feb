{#- How often `needle` stands in `text`. -#}
{% macro occurrences(text, needle) -%}
    (length({{ text }}) - length(replace({{ text }}, {{ needle }}, ''))) / length({{ needle }})
{%- endmacro %}

{#- Severity a kind of notice has whatever its wording. -#}
{% macro severity_of_kind(notice_kind) -%}
    case {{ notice_kind }}
        when 'statement' then 0
        when 'dispute_reply' then 0
        when 'reminder' then 1
        when 'dunning' then 2
        when 'suspension_warning' then 4
    end
{%- endmacro %}

{#- Word for a severity. -#}
{% macro tone_of(severity) -%}
    case {{ severity }}
        when 0 then 'statement'
        when 1 then 'courtesy'
        when 2 then 'overdue'
        when 3 then 'firm'
        when 4 then 'final'
        when 5 then 'legal'
    end
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

{#- What an invoice asks for at the clock: never below 0, and for a credit never above. -#}
{% macro owed_amount() -%}
    case
        when coalesce(voided_on <= today, false) then 0
        when amount > 0 then greatest(amount - paid_amount, 0)
        else least(amount - paid_amount, 0)
    end
{%- endmacro %}

{#- Why nobody should ask for the money of an open invoice, as far as the invoices of its account tell. -#}
{% macro hold_reason() -%}
    case
        when sum(open_amount) over (partition by counted_account_id, billed_currency) <= 0
            then 'The account owes nothing net in ' || billed_currency
        when
            invoice_number is not null
            and sum(case when amount > 0 and open_amount > 0 then 1 else 0 end) over (
                partition by counted_account_id, invoice_number
            ) > 1
            then 'The invoice number is open twice'
    end
{%- endmacro %}
