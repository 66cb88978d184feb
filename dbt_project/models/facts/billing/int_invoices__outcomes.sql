/*
Grain    one row per invoice and change of what is known about its payment: it falls due unpaid, is paid, is settled by
         credits, is open again, is voided
Measure  what the change adds to its account's record: known and on-time invoices, days late of paid ones, and the
         number and due days of those that are late and unpaid, so that days late of any day are one subtraction away
Nulls    known_at is null for changes that come with a calendar day; a day's own changes go before what happens in it.
         Invoices that are collected automatically say nothing of how the client pays: absent
*/
with

invoices as (

    select
        *,
        {{ days_between("date '1970-01-01'", 'due_on') }} as due_day,
        {{ add_days('due_on', 1) }} as late_from
    from {{ ref('int_invoices__settlements') }}
    where amount > 0 and collection = 'on_terms'

),

payments as (

    select * from {{ ref('stg_billing__payments') }}

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

spells as (

    {{ settlement_spells('invoices', 'payments', 'clock') }}

),

dated as (

    select
        invoices.*,
        spells.is_settled,
        spells.ends_at,
        {{ local_day('spells.paid_at', 'invoices.time_zone') }} as spell_paid_on,
        {{ local_day('spells.ends_at', 'invoices.time_zone') }} as ends_on,
        coalesce(
            {{ local_day('spells.ends_at', 'invoices.time_zone') }} < coalesce(invoices.voided_on, {{ end_of_time() }}),
            false
        ) as is_turned,
        case
            when spells.is_settled or {{ local_day('spells.begins_at', 'invoices.time_zone') }} >= invoices.late_from
                then spells.begins_at
        end as known_at
    from spells
    inner join invoices on spells.invoice_id = invoices.invoice_id
    -- what credits alone settled is in no record
    where not spells.is_settled or spells.paid_at is not null

),

-- a spell says something from its beginning, or from the day after the due day where it is unpaid, until it is voided
bounded as (

    select
        *,
        coalesce({{ local_day('known_at', 'time_zone') }}, late_from) as on_day,
        case when is_turned then ends_on else voided_on end as end_day,
        case when is_turned then ends_at end as end_known_at,
        case when not is_turned then 'voided' when is_settled then 'reopened' else 'credited' end as end_outcome
    from dated

),

said as (

    select
        *,
        case when is_settled and spell_paid_on <= due_on then 1 else 0 end as on_time,
        case when is_settled then greatest({{ days_between('due_on', 'spell_paid_on') }}, 0) else 0 end as days_late,
        case when is_settled then 0 else 1 end as unpaid
    from bounded
    where
        end_day is null
        or on_day < end_day
        or (on_day = end_day and end_known_at is not null and coalesce(known_at < end_known_at, true))

),

changes as (

    {% for day, instant, outcome, direction in [
        ('on_day', 'known_at', "case when is_settled then 'paid' else 'fell_due' end", 1),
        ('end_day', 'end_known_at', 'end_outcome', -1),
    ] -%}
    select
        invoice_id,
        account_id,
        counted_account_id,
        currency,
        {{ outcome }} as outcome,
        {{ day }} as on_day,
        {{ instant }} as known_at,
        {{ direction }} as direction,
        on_time,
        days_late,
        unpaid,
        due_day
    from said
    where {{ day }} is not null
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

)

select
    invoice_id,
    account_id,
    counted_account_id,
    currency,
    -- one thing ends as another begins: the greater word says which
    max(outcome) as outcome,
    on_day,
    known_at,
    cast(sum(direction) as bigint) as known_change,
    cast(sum(direction * on_time) as bigint) as on_time_change,
    cast(sum(direction * days_late) as bigint) as days_late_change,
    cast(sum(direction * unpaid) as bigint) as unpaid_change,
    cast(sum(direction * unpaid * due_day) as bigint) as unpaid_due_change
from changes
group by
    invoice_id,
    account_id,
    counted_account_id,
    currency,
    on_day,
    known_at
