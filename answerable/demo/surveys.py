"""The survey side of the demo: who was asked, who answered, what they said, who followed up.

Belongs here: response behaviour and opinions. Scores come from the quality of the relationship, the person, and what
the person experienced in the previous 90 days; nothing here reads a number from the marts.
Does not: the events themselves (crm, billing).
"""

_ASKED = """
/* Relationship: every contact each half-year, in a month of their own. Experience and touchpoint: a sample of journeys
   and contacts of certain kinds. */
create table asked as
with months as (
    select unnest(range(demo_months())) as m, (demo_start() + to_months(m::int))::date as month
),

wanted as (
    select
        1000000000000 + contacts.c * 1000 + months.m as v, 'REL' as survey_id, contacts.i, contacts.c,
        null::bigint as x, null as journey_id, null::double as felt,
        office_hour(months.month + 2 + floor(20 * rnd(contacts.c * 1000 + months.m, 'day'))::int, contacts.c, 'asked')
            as sent_at
    from contacts
    inner join months on (months.m + demo_months()) % 6 = if(c = 0, 4, floor(6 * rnd(contacts.c, 'phase')))
    where not contacts.has_opted_out
    union all
    select
        2000000000000000 + n, surveys.survey_id, max(i), max_by(c, x), max(x), max(journey_id), sum(mood) * 0.45,
        max(occurred_at) + to_hours(floor(2 + 40 * rnd(n, 'asked'))::int)
    from interactions
    inner join surveys using (journey)
    where journey_id is not null and rnd(n, 'experience') < 0.35
    group by n, surveys.survey_id
    union all
    select
        4000000000000000 + x, surveys.survey_id, i, c, x, journey_id, mood * 0.9,
        occurred_at + to_minutes(floor(10 + 900 * rnd(x, 'asked'))::int)
    from interactions
    inner join surveys on list_contains(surveys.touchpoints, interactions.touchpoint)
    where rnd(x, 'touchpoint') < 0.16
)

select wanted.*, accounts.account_id
from wanted inner join accounts using (i)
where sent_at <= demo_end() and (sent_at < churned_on or churned_on is null)
    and sent_at >= customer_since
"""

_INVITATIONS = """
/* Patterns: telephone beats e-mail, buyers are silent, July, August and December are slow. */
create table invitations as
with channels (channel, low, high, answer_rate, no_address_rate) as (values
    ('email', 0.0, 0.58, 0.25, 0.04), ('phone', 0.58, 0.84, 0.47, 0.13), ('in_app', 0.84, 0.95, 0.28, 0.0),
    ('sms', 0.95, 0.98, 0.2, 0.03), ('in_person', 0.98, 1.0, 0.6, 0.0)
),

chances as (
    select
        asked.*, channels.channel, channels.no_address_rate, contacts.role, contacts.contact_id, contacts.language,
        case month(sent_at) when 7 then 0.72 when 8 then 0.55 when 12 then 0.5 else 1 end as season,
        least(0.9, answer_rate * keenness * season * if(survey_id = 'REL', 1, 0.9)) as answer_chance,
        rnd(v, 'answer') as u, rnd(v, 'silence') as silence
    from asked
    inner join contacts using (c)
    inner join channels on rnd(asked.v, 'channel') >= channels.low and rnd(asked.v, 'channel') < channels.high
)

select
    *,
    sent_at + to_minutes(case channel when 'email' then floor(-3000 * ln(1 - rnd(v, 'lag')))::int + 20 else 9 end)
        as would_submit_at,
    case
        when would_submit_at > demo_end() then 'sent'
        when c = 0 and survey_id = 'REL' or u < answer_chance then 'completed'
        when u < answer_chance * 1.1 then 'partial'
        when silence < no_address_rate then if(channel = 'phone', 'unreachable', 'bounced')
        when silence < no_address_rate + 0.015 then 'ineligible'
        when channel in ('phone', 'in_person') then if(silence < 0.5, 'refused', 'unreachable')
        when silence < 0.1 then 'refused'
        when silence < 0.16 then 'started' when silence < 0.5 then 'opened' else 'sent'
    end as disposition
from chances
"""

_RESPONSES = """
/* `liking` is what a respondent thinks on the 0–10 scale. Pattern: the billing journey pulls it down for whoever had to
   deal with it; support lifts or lowers it a little; the buyer of account 0 changes her mind after the incident. */
create table responses as
with answered as (
    select * from invitations where disposition in ('completed', 'partial')
),

lately as (
    select
        v,
        sum(interactions.mood) filter (interactions.journey = 'billing') as billing_mood,
        sum(interactions.mood) filter (interactions.journey <> 'billing') as other_mood
    from answered
    inner join interactions on answered.c = interactions.c
        and interactions.occurred_at between answered.sent_at - interval 90 day and answered.sent_at
    where answered.survey_id = 'REL'
    group by v
),

felt as (
    select
        answered.* exclude (felt),
        clip(coalesce(lately.billing_mood, 0), -4, 0)
            + if(survey_id in ('EXP_BILLING', 'TP_BILLING'), coalesce(answered.felt, 0), 0) as billing_felt,
        clip(coalesce(lately.other_mood, 0), -2, 1.5) * 0.5
            + if(survey_id in ('EXP_BILLING', 'TP_BILLING'), 0, coalesce(answered.felt, 0)) as other_felt
    from answered left join lately using (v)
)

select
    felt.*,
    if(felt.c = 0 and survey_id = 'REL', if(sent_at > timestamp '2026-04-22' and demo_months() > 8, 3.4, 9.2),
        8.0 + 0.75 * accounts.quality + contacts.mood + 0.9 * billing_felt + other_felt + gauss(v, 'whim'))
        as liking,
    would_submit_at as submitted_at
from felt inner join accounts using (i) inner join contacts using (c)
"""

_ANSWERS = """
/* Patterns: billing trouble shows in ease and communication, support trouble in speed and responsiveness; one question
   is reversed. Dirt: markup, SQL, formulas, personal data and line breaks in comments. */
create table answers as
with replies as (
    select
        responses.*, questions.question_id, questions.metric, questions.scale_max, questions.is_reversed,
        hash(v, question_id) as a,
        liking - 8 + 0.8 * gauss(hash(v, question_id), 'item')
            + case when measure in ('ease_of_process', 'communication_quality') then 0.35 * billing_felt
                when measure in ('speed_of_resolution', 'responsiveness') then 0.5 * other_felt else 0 end as lean
    from responses inner join questions using (survey_id)
)

select
    *,
    case metric
        when 'nps' then clip(round(liking), 0, 10) when 'loyalty' then clip(round(liking + 0.4 * lean), 0, 10)
        when 'csat' then clip(round(4 + 0.5 * lean), 1, 5) when 'ces' then clip(round(5.3 + 0.7 * lean), 1, 7)
        when 'rating' then if(is_reversed, 6 - clip(round(3.8 + 0.5 * lean), 1, 5), clip(round(3.8 + 0.5 * lean), 1, 5))
    end as score,
    case
        when metric <> 'comment' then null
        when rnd(v, 'odd') < 0.004 then '<img src=x onerror=alert(1)> "quoted", and' || chr(10) || 'a second line'
        when rnd(v, 'odd') < 0.007 then '=cmd|''/c calc''!A1'
        when rnd(v, 'odd') < 0.01 then '''; delete from answers; --'
        when rnd(v, 'odd') < 0.02 then 'Bitte Anruf unter +49 30 5550123, contact' || c || '@example.org. Très déçu 😡'
        when billing_felt < -1 and liking < 6.5 then pick(['Wrong invoice again, still waiting for the credit note.',
            'A reminder before the due date, we are treated like a defaulter.',
            'Had to explain again, passed from one team to another.',
            'Die Rechnung stimmt nicht, nobody feels responsible.'], v, 'why')
        when liking < 6.5 then pick(['Ticket open for weeks, still not fixed.', 'We waited for days, no reply.',
            'Promised something else, we had to chase.', 'Too expensive after the price increase.'], v, 'why')
        when liking < 8.5 then pick(['Reliable machine, but the portal is hard to understand.',
            'Good, could be faster.', 'No news for weeks, otherwise fine.', 'Alles in Ordnung.'], v, 'why')
        else pick(['Fixed the same day, great technician!', 'Knows our plant and thinks ahead with us.',
            'Easy to order.', 'The training paid for itself.', '対応が早いです。'], v, 'why')
    end as text
from replies
where metric = 'nps'
    or rnd(a, 'skip') > case when metric = 'comment' then 0.55 when disposition = 'partial' then 0.7 else 0.05 end
"""

_LANDED = (
    """
create view survey_surveys as
select survey_id, survey_name, level, demo_start() - interval 30 day as updated_at, length(survey_id) as dice
from surveys
""",
    """
create view survey_questions as
select survey_id, question_id, question_text, metric, measure, scale_min, scale_max, is_reversed,
    demo_start() - interval 30 day as updated_at, length(question_text) as dice
from questions
""",
    """
create view survey_invitations as
select
    'SI' || v as invitation_id, survey_id, account_id, contact_id, channel, sent_at, disposition,
    1 + (rnd(v, 'attempts') < 0.4)::int + (channel = 'phone' and rnd(v, 'attempts') < 0.2)::int as attempts,
    if(v >= 4000000000000000, 'IX' || x, null) as interaction_id, journey_id, false as is_deleted,
    least(demo_end(), greatest(sent_at + interval 2 day, would_submit_at)) as updated_at, v as dice
from invitations
""",
    """
create view survey_responses as
select
    'SR' || v as response_id, survey_id,
    if(rnd(v, 'walk-in') < 0.01 or is_anonymous, null, 'SI' || v) as invitation_id,
    if(is_anonymous, null, account_id) as account_id,
    case when is_anonymous then null when rnd(v, 'orphan') < 0.002 then 'CONTACT-' || v else contact_id end
        as contact_id,
    channel,
    submitted_at - to_seconds(floor(120 + 700 * rnd(v, 'took'))::int) as started_at, submitted_at, language,
    if(v >= 4000000000000000, 'IX' || x, null) as interaction_id, journey_id, false as is_deleted,
    submitted_at as updated_at, v as dice
-- some who walk in name nobody
from (select *, c > 0 and rnd(v, 'anonymous') < 0.004 as is_anonymous from responses)
""",
    """
create view survey_answers as
select 'SR' || v as response_id, question_id, score, text, false as is_deleted, submitted_at as updated_at, a as dice
from answers
""",
    """
create view survey_follow_ups as
-- three detractors of four are followed up, the billing team takes longest
with owed as (
    select *, case when survey_id in ('EXP_BILLING', 'TP_BILLING') or billing_felt < -1 then 'billing'
        when survey_id = 'REL' then 'customer_success' else 'support' end as team_id,
        submitted_at + interval 6 hour as opened_at,
        if(team_id = 'billing', 4, 1) * -20 * ln(1 - rnd(v, 'pace')) as hours
    from responses where round(liking) <= 6 and rnd(v, 'follow') < 0.75
),

timed as (
    select *, opened_at + to_minutes((hours * 60)::int) as acknowledged_at,
        opened_at + to_minutes((hours * 100)::int + 30) as contacted_at,
        opened_at + to_minutes((hours * 180)::int + 90) as closed_at
    from owed
)

select
    'FU' || v as follow_up_id, 'SR' || v as response_id, team_id, opened_at,
    if(acknowledged_at <= demo_end(), acknowledged_at, null) as acknowledged_at,
    if(contacted_at <= demo_end() and rnd(v, 'called') < 0.85, contacted_at, null) as contacted_at,
    if(closed_at <= demo_end() and rnd(v, 'closed') < 0.8, closed_at, null) as closed_at,
    if(closed_at <= demo_end(), pick(['apologised', 'credited', 'fixed', 'explained'], v, 'how'), null) as resolution,
    'Spoke to ' || contact_id || ', see the ticket.' as notes, false as is_deleted,
    least(demo_end(), closed_at) as updated_at, v as dice
from timed where opened_at <= demo_end()
""",
)

VOICE = (_ASKED, _INVITATIONS, _RESPONSES, _ANSWERS, *_LANDED)
