/*
Grain    one row per surviving account that is or was a client
Measure  whether it left, stayed past a renewal, or neither yet; asked_until: the first day whose answers come too late
         to have foretold that
Nulls    outcome_on while open, and for a client who left on a day nobody recorded
*/
with

accounts as (

    select accounts.*
    from {{ ref('int_accounts__current') }} as accounts
    where {{ is_client('accounts') }}

),

versions as (

    select * from {{ ref('stg_crm__account_versions') }}

),

clock as (

    select {{ day_of('as_of') }} as today from {{ source('memory', 'clock') }}

),

-- the CRM moves the renewal on once it has happened: the last one is found in earlier versions too
renewals as (

    select
        versions.account_id,
        max(versions.renewal_on) as renewed_on
    from versions
    cross join clock
    where versions.renewal_on <= clock.today and not versions.is_deleted
    group by versions.account_id

),

decided as (

    select
        accounts.account_id,
        clock.today,
        case
            when accounts.churned_on <= clock.today or accounts.status = 'churned' then 'churned'
            when renewals.renewed_on is not null then 'renewed'
            else 'open'
        end as outcome,
        case
            when accounts.churned_on <= clock.today or accounts.status = 'churned' then accounts.churned_on
            else renewals.renewed_on
        end as outcome_on
    from accounts
    cross join clock
    left join renewals on accounts.account_id = renewals.account_id

)

select
    account_id,
    outcome,
    outcome_on,
    case
        when outcome_on is not null then cast(date_trunc('month', outcome_on) as date)
        else {{ add_months("cast(date_trunc('month', today) as date)", 1) }}
    end as asked_until
from decided
