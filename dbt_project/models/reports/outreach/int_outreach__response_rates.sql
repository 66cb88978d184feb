/*
Grain    one row per role and channel through which the role was asked at the level relationship
Measure  response_rate: the mean of a Beta prior after all past invitations; answered in part counts as answered
Nulls    none; roles and channels without a past are absent and have the rate of the prior
*/
with

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

invitations as (

    select
        invitations.role,
        invitations.channel,
        {{ aapor_code('invitations.disposition') }} as aapor_code
    from {{ ref('int_invitations__resolved') }} as invitations
    cross join clock
    where invitations.level = 'relationship' and invitations.sent_at <= clock.as_of

)

select
    role,
    channel,
    {{ expected_response_rate(
        "sum(case when aapor_code in ('I', 'P') then 1 else 0 end)", 'count(*)'
    ) }} as response_rate
from invitations
where aapor_code <> 'NE'
group by
    role,
    channel
