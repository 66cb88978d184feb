/*
Grain    one row per response that may count otherwise since the last publication
Measure  responses that landed or whose answers did, and those of surveys, accounts and contacts that changed
Nulls    none; a response that was deleted is here as well
*/
with

responses as (

    select * from {{ ref('stg_survey__responses') }}

),

changed_surveys as (

    {{ changed('stg_survey__surveys', 'survey_id') }}

    union

    {{ changed('stg_survey__questions', 'survey_id') }}

)

{{ changed('stg_survey__responses', 'response_id') }}

union

{{ changed('stg_survey__answers', 'response_id') }}

union

select response_id
from responses
where survey_id in (select changed_surveys.survey_id from changed_surveys)

union

select response_id
from responses
where account_id in (select accounts.landed_account_id from {{ ref('int_accounts_outdated') }} as accounts)

union

select response_id
from responses
where contact_key in (select contacts.contact_key from {{ ref('int_contacts_outdated') }} as contacts)
