/*
Grain    one row per issue that is open now: source, entity, key and rule
Measure  what does not fit together, although every record was kept
Nulls    none
*/
with

references_checked as (

    select * from {{ ref('int_quality__broken_references') }}

),

roles as (

    select * from {{ ref('int_programme__roles') }}

),

answers as (

    select * from {{ ref('int_answers__verdicts') }}

),

counted as (

    select * from {{ ref('int_responses__counted_by_period') }}

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

response_roles as (

    select * from {{ ref('int_responses__roles') }}

),

frame_cells as (

    select * from {{ ref('int_frame__cells') }}

),

frame_accounts as (

    select * from {{ ref('int_frame__accounts') }}

),

weighing_accounts as (

    select
        period_key,
        account_id
    from frame_cells
    where role_weight > 0
    group by
        period_key,
        account_id

),

issues as (

    select * from references_checked

    union all

    select * from {{ ref('int_quality__records') }}

    union all

    select * from {{ ref('int_quality__identities') }}

    union all

    select
        'survey' as source,
        'answers' as entity,
        response_id || ' ' || question_id as key,
        'waiting_for_question' as rule
    from answers
    where standing = 'waiting'

    union all

    select
        'survey' as source,
        'answers' as entity,
        response_id || ' ' || question_id as key,
        'score_not_usable' as rule
    from answers
    where standing = 'refused'

    union all

    select
        'survey' as source,
        'responses' as entity,
        counted.response_id as key,
        'unassigned_role' as rule
    from counted
    inner join responses on counted.response_id = responses.response_id
    left join response_roles on counted.response_id = response_roles.response_id
    left join frame_accounts
        on
            counted.period_key = frame_accounts.period_key
            and responses.account_id = frame_accounts.account_id
    where response_roles.role is null or frame_accounts.account_id is null
    group by counted.response_id

    union all

    select
        'programme' as source,
        'roles' as entity,
        role as key,
        'role_not_in_programme' as rule
    from roles
    where not is_in_programme

    union all

    select
        'programme' as source,
        'role_weights' as entity,
        role || ' ' || account_type as key,
        'role_without_weight' as rule
    from frame_cells
    where role_weight = 0
    group by
        role,
        account_type

    union all

    select
        'crm' as source,
        'accounts' as entity,
        frame_accounts.account_id as key,
        'no_role_that_weighs' as rule
    from frame_accounts
    left join weighing_accounts
        on
            frame_accounts.period_key = weighing_accounts.period_key
            and frame_accounts.account_id = weighing_accounts.account_id
    where weighing_accounts.account_id is null
    group by frame_accounts.account_id

)

select
    {{ surrogate_key(['source', 'entity', 'key', 'rule']) }} as issue_id,
    source,
    entity,
    key,
    rule,
    case rule
        when 'score_not_usable' then 'error'
        when 'waiting_for_question' then 'info'
        when 'after_the_clock' then 'info'
        else 'warning'
    end as severity
from issues
group by
    source,
    entity,
    key,
    rule
