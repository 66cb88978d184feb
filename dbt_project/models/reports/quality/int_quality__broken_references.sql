{%- set contact_role = "contact_key || ' ' || account_id || ' ' || role || ' ' || cast(valid_from as varchar)" -%}
{%- set references = [
    ('crm', 'accounts', 'account_id', 'parent_account_id', 'account'),
    ('crm', 'sites', 'site_id', 'account_id', 'account'),
    ('crm', 'subscriptions', 'subscription_id', 'account_id', 'account'),
    ('crm', 'subscriptions', 'subscription_id', 'site_id', 'site'),
    ('crm', 'subscriptions', 'subscription_id', 'product_id', 'product'),
    ('crm', 'contacts', 'contact_key', 'account_id', 'account'),
    ('crm', 'contacts', 'contact_key', 'merged_into_contact_key', 'landed contact'),
    ('crm', 'contacts', 'contact_key', 'site_id', 'site'),
    ('crm', 'contact_roles', contact_role, 'account_id', 'account'),
    ('crm', 'contact_roles', contact_role, 'contact_key', 'contact'),
    ('crm', 'interactions', 'interaction_id', 'account_id', 'account'),
    ('crm', 'interactions', 'interaction_id', 'contact_key', 'contact'),
    ('crm', 'interactions', 'interaction_id', 'site_id', 'site'),
    ('crm', 'interactions', 'interaction_id', 'product_id', 'product'),
    ('crm', 'interactions', 'interaction_id', 'handled_by_team', 'team'),
    ('crm', 'interactions', 'interaction_id', 'touchpoint', 'touchpoint'),
    ('billing', 'invoices', 'invoice_id', 'account_id', 'account'),
    ('billing', 'payments', 'payment_id', 'invoice_id', 'invoice'),
    ('billing', 'notices', 'notice_id', 'account_id', 'account'),
    ('billing', 'notices', 'notice_id', 'invoice_id', 'invoice'),
    ('billing', 'notices', 'notice_id', 'contact_key', 'contact'),
    ('billing', 'notices', 'notice_id', 'sent_by_team', 'team'),
    ('survey', 'questions', "survey_id || ' ' || question_id", 'survey_id', 'survey'),
    ('survey', 'invitations', 'invitation_id', 'survey_id', 'survey'),
    ('survey', 'invitations', 'invitation_id', 'account_id', 'account'),
    ('survey', 'invitations', 'invitation_id', 'contact_key', 'contact'),
    ('survey', 'invitations', 'invitation_id', 'interaction_id', 'interaction'),
    ('survey', 'responses', 'response_id', 'survey_id', 'survey'),
    ('survey', 'responses', 'response_id', 'account_id', 'account'),
    ('survey', 'responses', 'response_id', 'contact_key', 'contact'),
    ('survey', 'responses', 'response_id', 'invitation_id', 'invitation'),
    ('survey', 'responses', 'response_id', 'interaction_id', 'interaction'),
    ('survey', 'answers', "response_id || ' ' || question_id", 'response_id', 'response'),
    ('survey', 'follow_ups', 'follow_up_id', 'response_id', 'response'),
    ('survey', 'follow_ups', 'follow_up_id', 'team_id', 'team'),
] -%}
/*
Grain    one row per surviving record and reference that leads nowhere
Measure  which record refers to what that was never landed, or was deleted
Nulls    none; an empty reference is no reference
*/
{% for source, entity, key, reference, kind in references -%}
select
    '{{ source }}' as source,
    '{{ entity }}' as entity,
    {{ key }} as key,
    '{{ 'merged_into_nobody' if kind.startswith('landed') else 'unknown_' ~ kind }}' as rule
from {{ ref('int_answers__verdicts' if entity == 'answers' else 'stg_' ~ source ~ '__' ~ entity) }} as records
where
    {% if entity in ('accounts', 'contacts') -%}
    not records.is_deleted
    and {% elif entity == 'answers' -%}
    records.standing = 'waiting'
    and {% endif -%}
    {{ leads_nowhere(reference, kind) }}
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
