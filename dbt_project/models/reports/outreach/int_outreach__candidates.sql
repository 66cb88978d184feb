/*
Grain    one row per contact who may be asked now
Measure  the cell the answer would speak for (the contact's own of the greatest weight) and when the contact was last
         asked
Nulls    last_asked_at for someone never asked
*/
with

clock as (

    select
        as_of,
        {{ day_of('as_of') }} as today
    from {{ source('memory', 'clock') }}

),

periods as (

    select periods.*
    from {{ ref('int_periods__listed') }} as periods
    cross join clock
    where
        periods.period_grain = 'quarter'
        and periods.period_start <= clock.today
        and periods.period_end > clock.today

),

cells as (

    select
        *,
        -- unweighted, every account speaks alike
        {{ 'account' if var('headline_weighting') == 'none' else var('headline_weighting') }}_weight as cell_weight
    from {{ ref('int_frame__cell_weights') }}

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

contacts as (

    select *
    from {{ ref('stg_crm__contacts') }}
    where is_active and not has_opted_out

),

contact_roles as (

    select * from {{ ref('int_contacts__leading_role_spells') }}

),

invitations as (

    select
        invitations.contact_key,
        invitations.sent_at,
        coalesce(invitations.attempts, 1) as attempts,
        invitations.sent_at > clock.as_of - interval '{{ var("trailing_year_days") }}' day as is_recent,
        max(case when {{ aapor_code('invitations.disposition') }} in ('I', 'P') then invitations.sent_at end) over (
            partition by invitations.contact_key
        ) as last_answered_at
    from {{ ref('int_invitations__resolved') }} as invitations
    cross join clock
    where invitations.sent_at <= clock.as_of

),

-- when last, and how often in the last year in vain since the last answer
asked as (

    select
        contact_key,
        max(sent_at) as last_asked_at,
        sum(
            case when is_recent and coalesce(sent_at > last_answered_at, true) then attempts else 0 end
        ) as unanswered_attempts
    from invitations
    group by contact_key

),

candidates as (

    select
        contacts.contact_key,
        cells.period_key,
        cells.account_id,
        cells.role,
        cells.cell_weight
    from contacts
    cross join clock
    inner join contact_roles
        on
            contacts.contact_key = contact_roles.contact_key
            and {{ holds_day('contact_roles', 'clock.today') }}
    inner join accounts on contact_roles.account_id = accounts.account_id
    inner join cells on contact_roles.account_id = cells.account_id and contact_roles.role = cells.role
    inner join periods on cells.period_key = periods.period_key
    where
        coalesce(accounts.status, 'active') <> 'churned'
        and (accounts.churned_on is null or accounts.churned_on > clock.today)

),

ranked as (

    select
        *,
        row_number() over (
            partition by contact_key
            order by cast(cell_weight as decimal(18, 15)) desc, account_id asc, role asc
        ) as cell_rank
    from candidates

)

select
    ranked.contact_key,
    ranked.period_key,
    ranked.account_id,
    ranked.role,
    ranked.cell_weight,
    asked.last_asked_at,
    coalesce(asked.unanswered_attempts, 0) as unanswered_attempts
from ranked
left join asked on ranked.contact_key = asked.contact_key
where ranked.cell_rank = 1
