"""The CRM side of the demo: accounts, people, subscriptions, and every interaction with them.

Belongs here: who exists and what happened. Integer keys `i` (account), `c` (contact), `n` (journey instance) and
`x` (interaction) are for joins and randomness; landed ids are made from them.
Does not: money (billing), opinions (surveys), faults of files (landing, dirt).
"""

from answerable.demo import catalogue

_ACCOUNTS = """
/* Patterns: few accounts hold most of the value; a latent `quality` of the relationship drives scores and churn;
   account 0 is the long-standing prompt payer of the premature dunning incident.
   Dirt: leading zeros, 15/18-character ids that differ by case alone, hostile names, merges in a chain (11 → 12 → 13),
   a deleted merged account (14 → 15), merges into a deleted (16 → 17) and into an unknown account (18). */
create table accounts as
with kinds (account_type, low, high, typical_value, typical_contacts) as (values
    ('enterprise', 0.00, 0.10, 270000, 11.0), ('mid_market', 0.10, 0.40, 65000, 5.0),
    ('small_business', 0.40, 0.80, 13000, 2.6), ('public_sector', 0.80, 0.90, 70000, 5.0),
    ('reseller', 0.90, 1.00, 50000, 4.0)
),

places (place, region, country, time_zone, currency, language) as (values
    (0, 'EMEA', 'DE', 'Europe/Berlin', 'EUR', 'de'), (1, 'EMEA', 'FR', 'Europe/Paris', 'EUR', 'fr'),
    (2, 'EMEA', 'GB', 'Europe/London', 'GBP', 'en'), (3, 'EMEA', 'PL', 'Europe/Warsaw', 'EUR', 'pl'),
    (4, 'AMER', 'US', 'America/New_York', 'USD', 'en'), (5, 'AMER', 'US', 'America/Los_Angeles', 'USD', 'en'),
    (6, 'AMER', 'BR', 'America/Sao_Paulo', 'USD', 'pt'), (7, 'APAC', 'JP', 'Asia/Tokyo', 'JPY', 'ja'),
    (8, 'APAC', 'AU', 'Australia/Sydney', 'AUD', 'en')
),

traits as (
    select
        i,
        if(i = 0, 0.05, rnd(i, 'type')) as kind,
        if(i = 0, 0, floor(rnd(i, 'place') * 9)::int) as place,
        if(i = 0, 0.8, 0.75 * gauss(i, 'quality')) as quality,
        if(i = 0, 0.1, rnd(i, 'payer')) as payer,
        rnd(i, 'since') as since
    from range(demo_accounts()) as numbers (i)
),

lives as (
    select
        *,
        case
            when i = 0 then date '2018-01-05'
            when since < 0.04 then null
            when since < 0.16 then (demo_start() + to_days(floor(rnd(i, 'joined') * 27 * demo_months())::int))::date
            else (demo_start() - to_days(floor(60 + 4300 * pow(rnd(i, 'joined'), 1.5))::int))::date
        end as customer_since,
        i not between 0 and 25 and rnd(i, 'churn') < if(quality < -0.7, 0.3, 0.015) as leaves
    from traits
)

select
    lives.i,
    case
        when i % 10 < 3 then lpad((4000 + i)::varchar, 8, '0')
        else '001Dk0' || lpad((i // 2)::varchar, 8, '0') || if(i % 2 = 0, 'q', 'Q') || if(i % 10 < 8, '', 'EAM')
    end as account_id,
    case i
        when 20 then 'O''Brien & Söhne "Präzision", GmbH' when 21 then 'Robert''); drop table accounts;--'
        when 22 then '<script>alert(1)</script> Trading' when 23 then '=HYPERLINK("http://example.com";"pay here")'
        when 24 then 'Two lines' || chr(10) || 'of a name, Ltd' when 25 then '株式会社サンプル工業 🏭'
        else pick(['Nordfell', 'Halvik', 'Brevaux', 'Tostwick', 'Quarnby', 'Ostrava Vale', 'Kelmory', 'Zentara',
                'Múrrin', 'Fjordal', 'Plumstead Row', 'Ashgrove'], i, 'name1')
            || ' ' || pick(['Foods', 'Packaging', 'Logistik', 'Pharma', 'Beverages', 'Precision', 'Print', 'Mills',
                'Components', 'Dairy'], i, 'name2')
            || ' ' || pick(['GmbH', 'Ltd', 'Inc', 'S.A.', 'AB', 'Group'], i, 'name3') || ' ' || (100 + i)
    end as account_name,
    kinds.account_type,
    case
        when rnd(i, 'segment') < 0.01 then null
        when kinds.account_type = 'enterprise' then if(rnd(i, 'segment') < 0.4, 'strategic', 'core')
        when kinds.account_type = 'small_business' then if(rnd(i, 'segment') < 0.3, 'growth', 'standard')
        else if(rnd(i, 'segment') < 0.5, 'core', 'growth')
    end as segment,
    pick(['food', 'packaging', 'logistics', 'pharma', 'chemicals', 'public services'], i, 'industry') as industry,
    places.region, places.country, places.time_zone, places.currency, places.language,
    if(i = 0, 420000, kinds.typical_value * exp(0.8 * gauss(i, 'value')))::decimal(18, 2) as annual_value,
    lives.customer_since,
    case when leaves and customer_since < demo_start()
        then (demo_start() + to_days(floor((0.4 + 0.58 * rnd(i, 'left')) * 30 * demo_months())::int))::date
    end as churned_on,
    case when customer_since is null then 'prospect' when i > 60 and rnd(i, 'kin') < 0.01 then 'other'
        when churned_on is null then 'active' else 'churned' end as status,
    if(status = 'active', (date '2026-10-05' + to_days(floor(rnd(i, 'renewal') * 360)::int))::date, null) as renewal_on,
    'manager' || lpad(floor(rnd(i, 'manager') * 24)::int::varchar, 2, '0') || '@example.com' as owner_email,
    if(i > 60 and rnd(i, 'parent') < 0.08, floor(rnd(i, 'parents') * 30)::int + 26, null) as parent_i,
    case i when 11 then 12 when 12 then 13 when 14 then 15 when 16 then 17 end as merged_into_i,
    i in (14, 17) as is_gone,
    clip(round(kinds.typical_contacts * exp(0.55 * gauss(i, 'people'))), if(i = 0, 9, 1), 60)::int as people,
    1 + (people > 4)::int + (people > 12)::int as site_count,
    lives.quality, lives.payer
from lives
inner join kinds on lives.kind >= kinds.low and lives.kind < kinds.high
inner join places on lives.place = places.place
"""

_CONTACTS = """
/* One row per person: about five per account, roles in the order a supplier meets them.
   Patterns: users are keener to answer than buyers; finance is the least content. */
create table contacts as
with people as (
    select accounts.*, unnest(range(people)) as j from accounts
)

select
    i, j, people, i * 1000 + j as c,
    '003' || lpad(i::varchar, 7, '0') || lpad(j::varchar, 3, '0') as contact_id,
    case
        when j < 6 then ['buyer', 'user', 'finance', 'technical_contact', 'administrator', 'executive_sponsor'][j + 1]
        when rnd(c, 'role') < 0.62 then 'user' when rnd(c, 'role') < 0.76 then 'technical_contact'
        when rnd(c, 'role') < 0.86 then 'administrator' when rnd(c, 'role') < 0.95 then 'finance' else 'buyer'
    end as role,
    case role when 'buyer' then 0.42 when 'executive_sponsor' then 0.38 when 'finance' then 0.85 else 1.15
    end * exp(0.35 * gauss(c, 'keen')) as keenness,
    case role when 'finance' then -0.35 when 'technical_contact' then 0.2 else 0.1 end + 0.7 * gauss(c, 'mood') as mood,
    pick(['Alva', 'Bruno', 'Chiara', 'Dmitri', 'Élodie', 'Femi', 'Grete', 'Hugo', 'Inés', 'Jörg', '結衣'], c, 'first')
        || ' ' || pick(['Almgren', 'Baptiste', 'Cerný', 'Dufour', 'Eriksen', 'Fiore', 'O''Hara', 'Müller', 'Nakata',
            'Quist', 'Silva', 'Wójcik'], c, 'last') as full_name,
    'contact' || c || '@example.org' as email,
    '+49 30 5550' || lpad((c % 10000)::varchar, 4, '0') as phone,
    language,
    pick(['email', 'phone', 'meeting', 'portal'], c, 'channel') as preferred_channel,
    rnd(c, 'active') > 0.04 as is_active,
    i > 0 and rnd(c, 'opted') < 0.03 as has_opted_out,
    coalesce(greatest(customer_since, date '2016-01-01'), demo_start()::date) as known_since
from people
"""

_CROWD = """
-- whom an account sends to what: the people of each kind, everyone where there is none
create table crowd as
select
    i,
    list(c order by c) as everyone,
    coalesce(list(c order by c) filter (role = 'finance'), everyone) as finance,
    coalesce(list(c order by c) filter (role in ('buyer', 'executive_sponsor')), everyone) as buyers,
    coalesce(list(c order by c) filter (role in ('user', 'administrator')), everyone) as users,
    coalesce(list(c order by c) filter (role in ('technical_contact', 'administrator')), everyone) as technicians
from contacts
group by i
"""

_HOLDINGS = """
create table holdings as
with counted as (
    select *, unnest(range(1 + (people > 3)::int + (people > 8)::int + (rnd(i, 'held') < 0.4)::int)) as k
    from accounts where status <> 'prospect'
)

select
    i * 8 + k as h, i, (floor(rnd(i, 'product') * 12)::int + k * 5) % 12 as p, k % site_count as s,
    (greatest(customer_since, date '2014-01-01') + to_days(k * 20))::date as started_on,
    churned_on as ended_on,
    (annual_value / (1 + (people > 3)::int + (people > 8)::int + (rnd(i, 'held') < 0.4)::int))::decimal(18, 2) as value,
    renewal_on
from counted
"""

_INSTANCES = """
/* One row per run of a journey. Billing runs follow invoices, the others come at a rate per account and person.
   Patterns: a poor relationship has worse luck; billing takes long and goes wrong often. */
create table instances as
with rates (journey, code, prefix, per_account, per_person) as (values
    ('buying', 1, 'Q-', 0.9, 0.06), ('onboarding', 2, 'P-', 0.5, 0.05), ('support', 3, 'T-', 0.0, {support}),
    ('renewal', 4, 'R-', 1.9, 0.0), ('loose', 5, null, 0.0, 1.6)
),

counted as (
    select
        accounts.*, rates.*,
        unnest(range(floor(
            (per_account + per_person * people) * demo_months() / 24 + rnd(i * 8 + code, 'runs')
        )::int)) as k
    from accounts cross join rates
    where accounts.status <> 'prospect' or rates.journey = 'buying'
),

timed as (
    select
        *,
        (i * 8 + code) * 65536 + k as n,
        greatest(demo_start(), if(journey = 'buying', demo_start(), customer_since)) as opens,
        coalesce(churned_on, demo_end()) as closes
    from counted
),

runs as (
    select
        n, i, journey, prefix || n as journey_id,
        office_hour(opens + to_seconds(floor(rnd(n, 'when') * epoch(closes - opens))::bigint), n, 'hour') as started_at,
        clip(rnd(n, 'luck') + 0.07 * quality, 0, 0.999) as luck
    from timed
    where closes > opens
)

select
    runs.n, runs.i, runs.journey, paths.path, runs.journey_id, runs.started_at, paths.gap_hours, paths.steps,
    case runs.journey
        when 'support' then pick(crowd.users, n, 'main') when 'onboarding' then pick(crowd.technicians, n, 'main')
        when 'loose' then pick(crowd.everyone, n, 'main') else pick(crowd.buyers, n, 'main')
    end as main_c,
    case runs.journey when 'onboarding' then pick(crowd.users, n, 'side')
        when 'renewal' then pick(crowd.everyone, n, 'side') else pick(crowd.technicians, n, 'side')
    end as side_c
from runs
inner join paths on runs.journey = paths.journey and runs.luck >= paths.low and runs.luck < paths.high
inner join crowd on runs.i = crowd.i
union all by name
select
    (invoices.i * 8 + 6) * 65536 + invoices.k as n, invoices.i, 'billing' as journey, paths.path,
    invoices.invoice_number as journey_id, invoices.issued_on + interval 7 hour as started_at,
    greatest(24, date_diff('hour', invoices.issued_on, coalesce(invoices.paid_at, invoices.due_on + 25)))
        / len(paths.steps) as gap_hours,
    paths.steps,
    if(invoices.is_incident, 0, pick(crowd.finance, inv, 'main')) as main_c,
    pick(crowd.buyers, inv, 'side') as side_c
from invoices
inner join paths on paths.journey = 'billing' and invoices.path = paths.path
inner join crowd on invoices.i = crowd.i
"""

_INTERACTIONS = """
/* The steps of every run, in order of time. Patterns: some steps are handled by another team than the owner, billing
   disputes most of all; nobody is recorded for some. Dirt: unknown accounts, contacts and an unknown touchpoint. */
create table interactions as
with steps as (
    select * exclude (steps), unnest(steps) as touchpoint, generate_subscripts(steps, 1) as step
    from instances
),

timed as (
    select
        *,
        n * 16 + step as x,
        if(rnd(n * 16 + step, 'side') < if(journey = 'billing', 0.35, 0.25), side_c, main_c) as c,
        started_at + to_seconds(floor(gap_hours * 3600 * (step - 1 + 0.7 * rnd(n * 16 + step, 'wait')))::bigint)
            as occurred_at
    from steps
)

select
    timed.x, timed.n, timed.i, timed.c, timed.journey, timed.path, timed.journey_id, timed.occurred_at,
    touchpoints.touchpoint, touchpoints.channel, touchpoints.mood,
    case
        when rnd(x, 'nobody') < 0.06 then null
        when rnd(x, 'other') < if(timed.touchpoint in ('invoice_dispute', 'credit_note'), 0.5, 0.07)
            then touchpoints.other_team
        when accounts.region = 'APAC' and timed.touchpoint in ('installation', 'support_hotline', 'field_visit')
            then 'apac_service'
        when accounts.account_type = 'reseller' and timed.touchpoint in ('sales_call', 'proposal', 'business_review')
            then 'partner_management'
        else touchpoints.team
    end as handled_by_team,
    (touchpoints.minutes * exp(0.4 * gauss(x, 'effort')))::decimal(9, 1)::double as effort_minutes
from timed
inner join touchpoints on timed.touchpoint = touchpoints.touchpoint
inner join accounts on timed.i = accounts.i
where timed.occurred_at <= demo_end()
    and not (timed.path = 'disputed' and timed.touchpoint = 'credit_note' and rnd(n, 'credit') < 0.3)
"""

WORLD = (
    catalogue.TOUCHPOINTS, catalogue.PATHS, catalogue.PRODUCTS, catalogue.QUESTIONS,
    _ACCOUNTS, _CONTACTS, _CROWD, _HOLDINGS,
)  # fmt: skip

_LANDED = (
    """
create view crm_accounts as
-- as first seen, and as it became: value reviewed, churned, merged or deleted
with versions as (
    select
        *, greatest(demo_start(), coalesce(customer_since, demo_start())) + interval 6 hour as updated_at, 1 as version
    from accounts
    union all
    select *, case
        when merged_into_i is not null or is_gone or i = 18 then demo_end() - interval 40 day + to_hours(i::int)
        when churned_on is not null then churned_on + interval 9 hour
        else demo_start() + to_days(floor(demo_months() * (9 + 18 * rnd(i, 'review')))::int) + interval 10 hour
    end, 2
    from accounts
    where merged_into_i is not null or is_gone or i = 18 or churned_on is not null or rnd(i, 'reviewed') < 0.3
)

select
    versions.account_id, versions.account_name, parents.account_id as parent_account_id, versions.account_type,
    if(version = 1 and rnd(versions.i, 'moved') < 0.05, 'standard', versions.segment) as segment,
    versions.industry, versions.region, versions.country, versions.time_zone, versions.currency,
    if(version = 1, versions.annual_value * 0.94, versions.annual_value)::decimal(18, 2) as annual_value,
    versions.customer_since,
    if(version = 1 and versions.status = 'churned', 'active', versions.status) as status,
    versions.renewal_on, if(version = 1, null, versions.churned_on) as churned_on, versions.owner_email,
    if(version = 2, if(versions.i = 18, 'ACCOUNT-NOBODY-KNOWS', survivors.account_id), null) as merged_into_account_id,
    version = 2 and versions.is_gone as is_deleted, versions.updated_at, versions.i * 4 + version as dice
from versions
left join accounts as parents on versions.parent_i = parents.i
left join accounts as survivors on versions.merged_into_i = survivors.i
""",
    """
create view crm_sites as
select
    'S' || i || '-' || k as site_id, account_id,
    ['Main plant', 'Warehouse', 'Head office, 2nd floor'][k + 1] as site_name,
    country, time_zone, false as is_deleted,
    greatest(demo_start(), coalesce(customer_since, demo_start())) + interval 7 hour as updated_at, i * 4 + k as dice
from (select *, unnest(range(site_count)) as k from accounts)
""",
    """
create view crm_products as
select product_id, product_name, product_line, false as is_deleted, demo_start() as updated_at, p as dice from products
""",
    """
create view crm_subscriptions as
select
    'SUB-' || h as subscription_id, accounts.account_id, 'S' || holdings.i || '-' || s as site_id, products.product_id,
    holdings.started_on, holdings.ended_on, holdings.value as annual_value, holdings.renewal_on, false as is_deleted,
    greatest(demo_start(), coalesce(holdings.ended_on, holdings.started_on)) + interval 8 hour as updated_at, h as dice
from holdings inner join accounts using (i) inner join products using (p)
""",
    """
create view crm_contacts as
select
    contact_id, if(rnd(c, 'orphan') < 0.001, 'ACCOUNT-' || c, accounts.account_id) as account_id,
    'S' || i || '-' || (j % site_count) as site_id, full_name, email, phone, contacts.language, preferred_channel,
    is_active, has_opted_out,
    -- somebody who was entered twice, and once more under an old name
    if(j > 2 and j >= contacts.people - 1 - (rnd(i, 'thrice') < 0.2)::int and rnd(i, 'twice') < 0.05,
        '003' || lpad(i::varchar, 7, '0') || lpad((j - 1)::varchar, 3, '0'), null) as merged_into_contact_id,
    false as is_deleted, greatest(demo_start(), known_since) + interval 11 hour as updated_at,
    c as dice, 'sync-' || (c % 9) as crm_sync_batch
from contacts inner join accounts using (i)
""",
    """
create view crm_contact_roles as
-- changes of role over time, second roles, roles at a second account, and a few roles the programme doesn't know
with changes as (
    select *, (demo_start() + to_days(floor(rnd(c, 'changed') * 28 * demo_months())::int))::date as changed_on,
        j > 5 and rnd(c, 'change') < 0.12 and changed_on > known_since as has_changed
    from contacts
),

held as (
    select c, i, contact_id, role, known_since as valid_from, if(has_changed, changed_on, null) as valid_to from changes
    union all
    select c, i, contact_id, if(role = 'user', 'administrator', 'user'), changed_on, null from changes where has_changed
    union all
    select c, i, contact_id, if(j = 0 and people < 3, 'finance', 'technical_contact'), known_since, null from contacts
    where role <> 'technical_contact' and (j = 0 and people < 3 or rnd(c, 'second') < 0.06)
    union all
    select c, i + 1, contact_id, role, known_since, null from contacts
    where rnd(c, 'elsewhere') < 0.03 and i + 1 in (select accounts.i from accounts)
    union all
    select c, i, contact_id, 'innovation_lead', known_since, null from contacts where j = 7 and rnd(c, 'odd') < 0.15
)

select
    held.contact_id, accounts.account_id, held.role, null::varchar as product_id, held.valid_from, held.valid_to,
    false as is_deleted, greatest(demo_start(), coalesce(valid_to, valid_from)) + interval 12 hour as updated_at,
    c * 8 + length(role) as dice
from held inner join accounts using (i)
""",
    """
create view crm_interactions as
select
    'IX' || x as interaction_id,
    if(rnd(x, 'account') < 0.0006, 'ACCOUNT-' || x, accounts.account_id) as account_id,
    case when rnd(x, 'contact') < 0.04 then null when rnd(x, 'contact') < 0.041 then 'CONTACT-' || x
        else '003' || lpad((c // 1000)::varchar, 7, '0') || lpad((c % 1000)::varchar, 3, '0') end as contact_id,
    if(rnd(x, 'site') < 0.5, null, 'S' || i || '-0') as site_id,
    if(rnd(x, 'product') < 0.4, null, 'PRD-' || lpad((1 + n % 12)::varchar, 3, '0')) as product_id,
    if(rnd(x, 'booth') < 0.001, 'trade_fair_booth', touchpoint) as touchpoint,
    channel, if(touchpoint in ('web_enquiry', 'ticket_opened', 'support_hotline', 'invoice_question', 'purchase_order'),
        'inbound', 'outbound') as direction,
    occurred_at, handled_by_team, journey_id,
    case when touchpoint = 'escalation' then 'escalated'
        when touchpoint in ('ticket_closed', 'credit_note') then 'resolved'
        when touchpoint = 'invoice_dispute' then 'open' else 'done' end as outcome,
    effort_minutes,
    -- an escalation between teams, and who is to go there, are no contact with the client
    touchpoint = 'escalation' and rnd(x, 'inside') < 0.3 or handled_by_team is not null and rnd(x, 'inside') < 0.02
        as is_internal,
    case
        when rnd(x, 'body') < 0.75 then null
        when rnd(x, 'body') < 0.76 then 'Please call +49 30 5550' || (c % 9000 + 999)
        when touchpoint = 'invoice_dispute' then 'Amount on ' || journey_id || ' does not match the order.'
        when touchpoint = 'escalation' then 'Line is down, nobody feels responsible.'
        else 'Note on ' || replace(touchpoint, '_', ' ')
    end as body,
    false as is_deleted, occurred_at + to_seconds(floor(30 + 600 * rnd(x, 'saved'))::int) as updated_at, x as dice
from interactions inner join accounts using (i)
""",
)


def contacts_with_us(interactions_per_account: int) -> tuple[str, ...]:
    """Return the statements that make journeys and interactions; support brings the total to the wanted average."""
    support = max(0.1, (interactions_per_account - 57) / 27)
    return (_INSTANCES.format(support=f"{support:.4f}"), _INTERACTIONS, *_LANDED)
