"""What the made-up supplier sells, does and asks, as rows for the generator.

Belongs here: lists. Does not: any behaviour; how often things happen and what people think of them is in the SQL.
"""

TOUCHPOINTS = """
create table touchpoints (
    touchpoint varchar, journey varchar, team varchar, other_team varchar, channel varchar, minutes int,
    mood decimal(4, 2)
);
-- mood: what one contact of this kind adds to the next score of the person who had it
insert into touchpoints values
    ('web_enquiry', 'buying', 'sales', 'support', 'portal', 5, 0),
    ('sales_call', 'buying', 'sales', 'customer_success', 'phone', 30, 0.1),
    ('product_demo', 'buying', 'product', 'sales', 'meeting', 90, 0.4),
    ('site_survey', 'buying', 'field_service', 'implementation', 'field', 180, 0.2),
    ('proposal', 'buying', 'sales', 'contracts', 'email', 60, 0),
    ('contract_negotiation', 'buying', 'contracts', 'sales', 'meeting', 75, -0.2),
    ('purchase_order', 'buying', 'sales', 'logistics', 'portal', 10, 0),
    ('order_confirmation', 'buying', 'logistics', 'sales', 'system', 2, 0.1),
    ('project_kickoff', 'onboarding', 'implementation', 'sales', 'meeting', 90, 0.3),
    ('project_update', 'onboarding', 'implementation', 'customer_success', 'email', 20, 0.1),
    ('delivery_scheduling', 'onboarding', 'logistics', 'implementation', 'phone', 10, 0),
    ('equipment_delivery', 'onboarding', 'logistics', 'field_service', 'field', 120, 0.1),
    ('installation', 'onboarding', 'field_service', 'implementation', 'field', 300, 0.4),
    ('software_configuration', 'onboarding', 'implementation', 'support', 'chat', 120, 0),
    ('user_training', 'onboarding', 'training', 'implementation', 'meeting', 180, 0.6),
    ('admin_training', 'onboarding', 'training', 'support', 'meeting', 180, 0.5),
    ('go_live_review', 'onboarding', 'implementation', 'customer_success', 'meeting', 60, 0.4),
    ('ticket_opened', 'support', 'support', 'customer_success', 'portal', 5, 0),
    ('support_hotline', 'support', 'support', 'field_service', 'phone', 12, 0.2),
    ('ticket_triage', 'support', 'support', 'product', 'system', 8, 0),
    ('remote_diagnosis', 'support', 'support', 'field_service', 'chat', 35, 0.1),
    ('escalation', 'support', 'support', 'customer_success', 'phone', 25, -1.6),
    ('field_visit', 'support', 'field_service', 'support', 'field', 150, 0.5),
    ('spare_part_shipment', 'support', 'logistics', 'field_service', 'system', 10, -0.2),
    ('software_fix', 'support', 'product', 'support', 'email', 60, 0.1),
    ('ticket_closed', 'support', 'support', 'support', 'email', 3, 0.3),
    ('invoice_delivery', 'billing', 'billing', 'billing', 'email', 2, 0),
    ('account_statement', 'billing', 'billing', 'billing', 'email', 2, 0),
    ('invoice_question', 'billing', 'billing', 'support', 'email', 20, -1.2),
    ('invoice_dispute', 'billing', 'billing', 'sales', 'phone', 40, -2.2),
    ('credit_note', 'billing', 'billing', 'contracts', 'email', 15, -0.8),
    ('payment_reminder', 'billing', 'billing', 'customer_success', 'email', 5, -1.8),
    ('collection_call', 'billing', 'billing', 'sales', 'phone', 10, -2),
    ('payment_confirmation', 'billing', 'billing', 'billing', 'system', 1, 0),
    ('business_review', 'renewal', 'customer_success', 'sales', 'meeting', 60, 0.6),
    ('usage_report', 'renewal', 'customer_success', 'product', 'email', 10, 0.2),
    ('roadmap_briefing', 'renewal', 'product', 'customer_success', 'meeting', 45, 0.4),
    ('renewal_quote', 'renewal', 'customer_success', 'sales', 'email', 30, -0.1),
    ('price_negotiation', 'renewal', 'sales', 'contracts', 'meeting', 60, -0.5),
    ('contract_amendment', 'renewal', 'contracts', 'sales', 'email', 40, -0.2),
    ('renewal_signature', 'renewal', 'contracts', 'sales', 'portal', 5, 0.1)
"""

PATHS = """
create table paths (journey varchar, path varchar, low double, high double, gap_hours double, steps varchar[]);
-- an instance takes the path whose [low, high) holds its luck; unhappy paths come first, bad luck is a low number
insert into paths values
    ('buying', 'long', 0, 0.3, 170, ['sales_call', 'product_demo', 'proposal', 'product_demo', 'proposal',
        'contract_negotiation', 'purchase_order', 'order_confirmation']),
    ('buying', 'full', 0.3, 0.65, 120, ['web_enquiry', 'product_demo', 'site_survey', 'proposal',
        'contract_negotiation', 'order_confirmation']),
    ('buying', 'lost', 0.65, 0.8, 120, ['sales_call', 'product_demo', 'proposal']),
    ('buying', 'reorder', 0.8, 1, 40, ['web_enquiry', 'purchase_order', 'order_confirmation']),
    ('onboarding', 'repeat', 0, 0.25, 110, ['project_kickoff', 'delivery_scheduling', 'equipment_delivery',
        'installation', 'equipment_delivery', 'installation', 'software_configuration', 'user_training',
        'go_live_review']),
    ('onboarding', 'full', 0.25, 0.75, 80, ['project_kickoff', 'project_update', 'delivery_scheduling',
        'equipment_delivery', 'installation', 'software_configuration', 'user_training', 'admin_training',
        'go_live_review']),
    ('onboarding', 'software', 0.75, 1, 60, ['project_kickoff', 'software_configuration', 'admin_training',
        'go_live_review']),
    ('support', 'escalated', 0, 0.14, 42, ['ticket_opened', 'ticket_triage', 'remote_diagnosis', 'escalation',
        'field_visit', 'remote_diagnosis', 'field_visit', 'ticket_closed']),
    ('support', 'parts', 0.14, 0.36, 26, ['support_hotline', 'ticket_triage', 'remote_diagnosis',
        'spare_part_shipment', 'field_visit', 'ticket_closed']),
    ('support', 'open', 0.36, 0.41, 20, ['ticket_opened', 'ticket_triage', 'remote_diagnosis']),
    ('support', 'software', 0.41, 0.7, 16, ['ticket_opened', 'ticket_triage', 'remote_diagnosis', 'software_fix',
        'ticket_closed']),
    ('support', 'hotline', 0.7, 1, 3, ['support_hotline', 'remote_diagnosis', 'ticket_closed']),
    ('renewal', 'hard', 0, 0.3, 200, ['usage_report', 'renewal_quote', 'price_negotiation', 'renewal_quote',
        'price_negotiation', 'contract_amendment', 'renewal_signature']),
    ('renewal', 'full', 0.3, 0.8, 150, ['usage_report', 'business_review', 'roadmap_briefing', 'renewal_quote',
        'contract_amendment', 'renewal_signature']),
    ('renewal', 'short', 0.8, 1, 90, ['business_review', 'renewal_signature']),
    ('loose', 'loose', 0, 0.25, 1, ['account_statement']),
    ('loose', 'loose', 0.25, 0.5, 1, ['usage_report']),
    ('loose', 'loose', 0.5, 0.75, 1, ['sales_call']),
    ('loose', 'loose', 0.75, 1, 1, ['project_update']),
    ('billing', 'disputed', null, null, null, ['invoice_delivery', 'invoice_question', 'invoice_dispute',
        'invoice_question', 'invoice_dispute', 'credit_note', 'payment_confirmation']),
    ('billing', 'chased', null, null, null, ['invoice_delivery', 'payment_reminder', 'collection_call',
        'payment_confirmation']),
    ('billing', 'reminded', null, null, null, ['invoice_delivery', 'payment_reminder', 'payment_confirmation']),
    ('billing', 'asked', null, null, null, ['invoice_delivery', 'invoice_question', 'payment_confirmation']),
    ('billing', 'plain', null, null, null, ['invoice_delivery', 'payment_confirmation'])
"""

PRODUCTS = """
create table products (p int, product_id varchar, product_name varchar, product_line varchar);
insert into products values
    (0, 'PRD-001', 'Label printer LP 20', 'equipment'), (1, 'PRD-002', 'Label printer LP 60', 'equipment'),
    (2, 'PRD-003', 'Conveyor scanner CS', 'equipment'), (3, 'PRD-004', 'Palletiser cell', 'equipment'),
    (4, 'PRD-005', 'Line controller', 'equipment'), (5, 'PRD-006', 'Plant cloud', 'software'),
    (6, 'PRD-007', 'Plant cloud "analytics", extended', 'software'), (7, 'PRD-008', 'Device manager', 'software'),
    (8, 'PRD-009', 'Service contract basic', 'service'), (9, 'PRD-010', 'Service contract 24×7', 'service'),
    (10, 'PRD-011', 'Consumables plan', 'service'), (11, 'PRD-012', 'Operator training', 'service')
"""

QUESTIONS = """
create table surveys (survey_id varchar, survey_name varchar, level varchar, journey varchar, touchpoints varchar[]);
insert into surveys values
    ('REL', 'Relationship survey', 'relationship', null, null),
    ('EXP_BUYING', 'How was buying from us?', 'experience', 'buying', null),
    ('EXP_ONBOARDING', 'How was getting started?', 'experience', 'onboarding', null),
    ('EXP_SUPPORT', 'How did we solve your problem?', 'experience', 'support', null),
    ('EXP_BILLING', 'How did we settle this invoice?', 'experience', 'billing', null),
    ('EXP_RENEWAL', 'How was renewing your contract?', 'experience', 'renewal', null),
    ('TP_FIELD', 'After a field visit', 'touchpoint', null, ['field_visit', 'installation']),
    ('TP_SUPPORT', 'After a call or ticket', 'touchpoint', null, ['support_hotline', 'ticket_closed']),
    ('TP_TRAINING', 'After a training', 'touchpoint', null, ['user_training', 'admin_training']),
    ('TP_BILLING', 'After a billing contact', 'touchpoint', null,
        ['invoice_question', 'invoice_dispute', 'payment_reminder']);
create table questions as
with asked (levels, question_id, question_text, metric, measure, scale_min, scale_max, is_reversed) as (values
    ('ret', 'NPS', 'How likely are you to recommend us to a colleague?', 'nps', null, 0, 10, false),
    ('ret', 'CSAT', 'How satisfied are you?', 'csat', null, 1, 5, false),
    ('et', 'CES', 'We made it easy for you.', 'ces', null, 1, 7, false),
    ('r', 'RENEW', 'How likely are you to renew your contract?', 'loyalty', null, 0, 10, false),
    ('r', 'COMQ', 'What you tell us is clear and correct.', 'rating', 'communication_quality', 1, 5, false),
    ('r', 'COMF', 'You are in touch often enough.', 'rating', 'communication_frequency', 1, 5, false),
    ('r', 'VALUE', 'Working with you improves our results.', 'rating', 'business_value_add', 1, 5, false),
    ('ret', 'RESP', 'You answer quickly.', 'rating', 'responsiveness', 1, 5, false),
    ('re', 'SPEED', 'You solve problems quickly.', 'rating', 'speed_of_resolution', 1, 5, false),
    ('re', 'EXPECT', 'You understand what we need.', 'rating', 'understanding_of_expectations', 1, 5, false),
    ('re', 'EASE', 'Dealing with you takes too much effort.', 'rating', 'ease_of_process', 1, 5, true),
    ('ret', 'WHY', 'What is the main reason for your answer?', 'comment', null, null, null, false)
)
select surveys.survey_id, surveys.level, asked.* exclude (levels)
from surveys
inner join asked on contains(asked.levels, surveys.level[1])
"""
