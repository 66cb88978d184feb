-- Values as vendors write them → the text that the landing contract takes. What can't be read stays as it is, so that
-- the door quarantines it in the vendor's own words.
create macro code_of(x) as
    nullif(trim(regexp_replace(lower(strip_accents(x)), '[^a-z0-9]+', '_', 'g'), '_'), '');
create macro iso(t) as strftime(t, '%Y-%m-%dT%H:%M:%S.%fZ');
-- t: a text without blanks around it; tz: the zone of instants without one; dmy: whether 03/04/2026 is in April
create macro instant(t, tz, dmy) as case
    when t is null then null
    when regexp_full_match(t, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d|[+-]\d\d)')
        then try_cast(regexp_replace(t, '([+-]\d\d)(\d\d)$', '\1:\2') as timestamptz)
    when regexp_full_match(t, '-?\d{9,10}(\.\d+)?') then make_timestamptz((t::double * 1e6)::bigint)
    when regexp_full_match(t, '\d{12,13}') then make_timestamptz(t::bigint * 1000)
    when regexp_full_match(t, '/Date\((-?\d+)([+-]\d{4})?\)/')
        then make_timestamptz(regexp_extract(t, '-?\d+')::bigint * 1000)
    when regexp_matches(t, '^\d{4}-\d') and regexp_matches(t, '( ?UTC|Z|[+-]\d\d:?\d\d)$') and contains(t, ':')
        then try_cast(regexp_replace(regexp_replace(t, ' ?UTC$', 'Z'), '[ T](\d):', ' 0\1:') as timestamptz)
    when regexp_matches(t, '^\d{4}-\d{1,2}-\d{1,2}')
        then try_cast(regexp_replace(t, '[T ](\d):', ' 0\1:') as timestamp) at time zone tz
    when regexp_full_match(t, '[34]\d{4}\.\d+')
        then (timestamp '1899-12-30' + to_seconds(round(t::double * 86400))) at time zone tz
    when contains(t, '.') and regexp_matches(t, '^\d{1,2}\.\d{1,2}\.\d{4}') then try_strptime(
        t, ['%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y']
    ) at time zone tz
    when dmy then try_strptime(t, [
        '%d/%m/%Y %H:%M:%S', '%d/%m/%Y %I:%M:%S %p', '%d/%m/%Y %I:%M %p', '%d/%m/%Y %H:%M', '%d/%m/%Y', '%d/%m/%y',
        '%d %b %Y', '%d-%b-%Y', '%d %B %Y', '%b %d, %Y'
    ]) at time zone tz
    else try_strptime(t, [
        '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %I:%M %p', '%m/%d/%Y %H:%M', '%m/%d/%Y', '%m/%d/%y',
        '%d %b %Y', '%d-%b-%Y', '%d %B %Y', '%b %d, %Y'
    ]) at time zone tz
end;
create macro as_ts(t, tz, dmy) as coalesce(iso(instant(t, tz, dmy)), t);
-- a midnight is its own day, in whatever zone it stands
create macro as_date(t, tz, dmy) as case
    when regexp_full_match(t, '\d{4}-\d\d-\d\d([ T]00:00(:00(\.0+)?)?( ?UTC|Z|[+-]\d\d:?\d\d)?)?') then left(t, 10)
    when regexp_full_match(t, '[34]\d{4}') then (date '1899-12-30' + t::int)::varchar
    else coalesce(strftime(instant(t, tz, dmy) at time zone tz, '%Y-%m-%d'), t)
end;
create macro plain_number(t) as case
    when regexp_full_match(t, '-?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}') then replace(replace(t, '.', ''), ',', '.')
    else replace(replace(t, ',', ''), ' ', '')
end;
create macro amount_of(t) as try_cast(plain_number(regexp_replace(regexp_replace(
    t, '^\((.*)\)$', '-\1'), '^(-?)\s*([A-Z]{3}|[$€£¥])\s*', '\1')) as decimal(38, 6));
-- a fraction of a cent is left as it is
create macro as_money(t) as case
    when amount_of(t) = round(amount_of(t), 2) then coalesce(try_cast(amount_of(t) as decimal(18, 2))::varchar, t)
    else t
end;
create macro as_number(t) as case
    when regexp_full_match(t, '-?\d+\.\d+') then rtrim(rtrim(t, '0'), '.')
    else t
end;
create macro as_bool(t) as case
    when lower(t) in ('true', 't', '1', '1.0', 'yes', 'y') then 'true'
    when lower(t) in ('false', 'f', '0', '0.0', 'no', 'n') then 'false'
    else t
end;
create macro yes(t) as coalesce(t = 'true', false);
-- minor units of a currency, such as cents → major units
create macro minor(n, currency) as coalesce(try_cast(try_cast(n as decimal(38, 4)) / pow(10, case
    when upper(currency) in (
        'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
    ) then 0
    when upper(currency) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 3
    else 2
end) as decimal(18, 2))::varchar, n);
-- the three characters that keep a case-sensitive id of 15 apart where case is lost: one for each five
create macro sf_bits(x) as translate(
    x,
    'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    '00000000000000000000000000000000000011111111111111111111111111'
);
create macro sf_letter(bits) as substr(
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
    1 + bits[1]::int + 2 * bits[2]::int + 4 * bits[3]::int + 8 * bits[4]::int + 16 * bits[5]::int, 1
);
create macro sfid(x) as case
    when regexp_full_match(x, '[a-zA-Z0-9]{15}') then
        x || sf_letter(sf_bits(x)[1:5]) || sf_letter(sf_bits(x)[6:10]) || sf_letter(sf_bits(x)[11:15])
    else x
end;
-- what a client says a value means, by maps/<map>.csv; '*' is everything else
create macro mapped(m, v) as coalesce(
    (select code from maps where map = m and value = lower(trim(v))),
    case when v is not null then (select code from maps where map = m and value = '*') end
);
create macro coded(m, v) as coalesce(mapped(m, v), code_of(v));
-- a step of a kind of ticket, such as 'incident > closed'; '* > closed' is that of every other kind
create macro step_of(m, kind, step) as coalesce(
    (select code from maps where map = m and value = lower(trim(kind)) || ' > ' || step),
    (select code from maps where map = m and value = '* > ' || step)
);
create macro own(id) as getvariable('connection') || ':' || id;
create macro account_of(party) as coalesce((select account_id from links where links.ref = party), 'unknown');
create macro contact_of(mail) as (select contact_id from unique_mails where email = lower(trim(mail)));
create macro account_of_contact(id) as (select account_id from known_contacts where contact_id = id);
create macro mail_domain(mail) as nullif(lower(trim(split_part(mail, '@', 2))), '');
-- a name as names are compared: no case, accents, punctuation or legal form
create macro plain_name(x) as nullif(trim(regexp_replace(regexp_replace(
    '  ' || regexp_replace(lower(strip_accents(x)), '[^a-z0-9]+', '  ', 'g') || '  ',
    ' (gmbh|mbh|ltd|limited|inc|incorporated|llc|llp|lp|corp|corporation|co|company|ag|se|sa|sas|sarl|srl|spa|ab|as|oy'
    || '|plc|bv|nv|kg|kgaa|ohg|pty|pte) ', ' ', 'g'),
    '\s+', ' ', 'g')), '');
