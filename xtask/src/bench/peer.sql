-- What an analyst would write instead of check: who is answerable for each open need that is a Condition (N1), by
-- teams (C3, C5), encounters (C4, C8) and registration (C7), as of one instant. One source, nothing linked, no needs
-- merged (N1a), no duties, no timelines, no findings but the verdict.
--
-- {folder}, {as_of} and {rows} are filled in by peer.py. Every file is read with the columns that are needed and
-- no others, so that DuckDB needn't guess them; peer.py also runs it without, as one would write it first.

SET TimeZone = 'UTC';

CREATE MACRO as_of() AS TIMESTAMPTZ '{as_of}';

-- Dates may be partial: a year, a month, a day. Where DuckDB guessed that they are dates, they are written again.
CREATE MACRO first_of(written) AS CASE length(written)
    WHEN 4 THEN (written || '-01-01')::TIMESTAMPTZ
    WHEN 7 THEN (written || '-01')::TIMESTAMPTZ
    ELSE written::TIMESTAMPTZ END;
CREATE MACRO last_of(written) AS CASE length(written)
    WHEN 4 THEN (written || '-01-01')::TIMESTAMPTZ + INTERVAL 1 YEAR
    WHEN 7 THEN (written || '-01')::TIMESTAMPTZ + INTERVAL 1 MONTH
    WHEN 10 THEN written::TIMESTAMPTZ + INTERVAL 1 DAY
    ELSE written::TIMESTAMPTZ END;
CREATE MACRO first_instant(date) AS first_of(date::VARCHAR);
CREATE MACRO last_instant(date) AS last_of(date::VARCHAR);
CREATE MACRO begun(period) AS coalesce(first_instant(period."start") <= as_of(), true);
CREATE MACRO holds(period) AS begun(period) AND coalesce(last_instant(period."end") > as_of(), true);
-- Someone is named by a reference or by an identifier.
CREATE MACRO named(holder) AS coalesce(holder.reference, holder.identifier.value);

CREATE TEMP TABLE patient AS
SELECT 'Patient/' || id AS patient, generalPractitioner,
    coalesce(first_instant(deceasedDateTime), CASE WHEN deceasedBoolean THEN TIMESTAMPTZ '0001-01-01' END) AS died
FROM read_json('{folder}/Patient.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', deceasedDateTime: 'VARCHAR', deceasedBoolean: 'BOOLEAN',
    generalPractitioner: 'STRUCT(reference VARCHAR, identifier STRUCT(value VARCHAR))[]'}});

CREATE TEMP TABLE practitioner AS
SELECT 'Practitioner/' || id AS person, coalesce(active, true) AS active, list_transform(identifier, lambda x: x.value) AS numbers
FROM read_json('{folder}/Practitioner.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', active: 'BOOLEAN', identifier: 'STRUCT(value VARCHAR)[]'}});

CREATE TEMP TABLE organization AS
SELECT 'Organization/' || id AS organization, coalesce(active, true) AS active
FROM read_json('{folder}/Organization.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', active: 'BOOLEAN'}});

CREATE TEMP TABLE practitioner_role AS
SELECT 'PractitionerRole/' || r.id AS role, r.practitioner.reference AS person,
    NOT coalesce(r.active, true) OR coalesce(last_instant(r.period."end") <= as_of(), false)
        OR NOT coalesce(o.active, true) AS lapsed
FROM read_json('{folder}/PractitionerRole.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', active: 'BOOLEAN', period: 'STRUCT("start" VARCHAR, "end" VARCHAR)',
    practitioner: 'STRUCT(reference VARCHAR)', organization: 'STRUCT(reference VARCHAR)'}}) r
LEFT JOIN organization o ON o.organization = r.organization.reference;

-- Whoever can hold a claim, by each way to name them; and whether what they hold has lapsed.
CREATE TEMP TABLE holder AS
WITH person AS (
    SELECT p.person, any_value(p.numbers) AS numbers, NOT any_value(p.active) AS gone,
        NOT any_value(p.active) OR coalesce(bool_and(r.lapsed), false) AS lapsed
    FROM practitioner p LEFT JOIN practitioner_role r USING (person) GROUP BY p.person)
SELECT person AS name, person, lapsed FROM person
UNION ALL SELECT unnest(numbers), person, lapsed FROM person
UNION ALL SELECT r.role, r.person, r.lapsed OR p.gone FROM practitioner_role r JOIN person p USING (person);

CREATE TEMP TABLE care_team AS
SELECT 'CareTeam/' || id AS team, status, period, participant, subject.reference AS patient,
    list_transform(reasonReference, lambda x: x.reference) AS conditions
FROM read_json('{folder}/CareTeam.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', status: 'VARCHAR', subject: 'STRUCT(reference VARCHAR)',
    period: 'STRUCT("start" VARCHAR, "end" VARCHAR)', reasonReference: 'STRUCT(reference VARCHAR)[]',
    participant: 'STRUCT(role STRUCT(coding STRUCT("system" VARCHAR, code VARCHAR)[])[],
        member STRUCT(reference VARCHAR, identifier STRUCT(value VARCHAR)),
        period STRUCT("start" VARCHAR, "end" VARCHAR))[]'}})
WHERE status IS DISTINCT FROM 'entered-in-error';

CREATE TEMP TABLE care_plan AS
SELECT status, period, list_transform(addresses, lambda x: x.reference) AS conditions,
    list_transform(careTeam, lambda x: x.reference) AS teams
FROM read_json('{folder}/CarePlan.*.ndjson', format = 'newline_delimited', columns = {{
    status: 'VARCHAR', period: 'STRUCT("start" VARCHAR, "end" VARCHAR)',
    addresses: 'STRUCT(reference VARCHAR)[]', careTeam: 'STRUCT(reference VARCHAR)[]'}})
WHERE status IS DISTINCT FROM 'entered-in-error';

CREATE TEMP TABLE episode AS
SELECT 'EpisodeOfCare/' || id AS episode, status, period,
    list_transform(diagnosis, lambda x: x.condition.reference) AS conditions, list_transform(team, lambda x: x.reference) AS teams
FROM read_json('{folder}/EpisodeOfCare.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', status: 'VARCHAR', period: 'STRUCT("start" VARCHAR, "end" VARCHAR)',
    diagnosis: 'STRUCT(condition STRUCT(reference VARCHAR))[]', team: 'STRUCT(reference VARCHAR)[]'}})
WHERE status IS DISTINCT FROM 'entered-in-error';

CREATE TEMP TABLE encounter AS
SELECT 'Encounter/' || id AS encounter, status, class.code AS class, subject.reference AS patient, participant, period,
    list_transform(diagnosis, lambda x: x.condition.reference) AS diagnoses,
    list_transform(reasonReference, lambda x: x.reference) AS reasons,
    flatten(list_transform(reasonCode, lambda x: x.coding)) AS codings,
    list_transform(episodeOfCare, lambda x: x.reference) AS episodes
FROM read_json('{folder}/Encounter.*.ndjson', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', status: 'VARCHAR', class: 'STRUCT(code VARCHAR)', subject: 'STRUCT(reference VARCHAR)',
    period: 'STRUCT("start" VARCHAR, "end" VARCHAR)',
    participant: 'STRUCT("type" STRUCT(coding STRUCT(code VARCHAR)[])[],
        period STRUCT("start" VARCHAR, "end" VARCHAR),
        individual STRUCT(reference VARCHAR, identifier STRUCT(value VARCHAR)))[]',
    reasonCode: 'STRUCT(coding STRUCT("system" VARCHAR, code VARCHAR)[])[]',
    reasonReference: 'STRUCT(reference VARCHAR)[]', episodeOfCare: 'STRUCT(reference VARCHAR)[]',
    diagnosis: 'STRUCT(condition STRUCT(reference VARCHAR))[]'}})
WHERE status IN ('in-progress', 'arrived', 'triaged', 'onleave', 'finished');

-- N1: open Conditions that go on.
CREATE TEMP TABLE need AS
WITH named AS (
    SELECT unnest(conditions) AS need FROM care_team
    UNION SELECT unnest(conditions) FROM care_plan
    UNION SELECT unnest(conditions) FROM episode
    UNION SELECT unnest(addresses).reference
        FROM read_json('{folder}/Goal.*.ndjson', format = 'newline_delimited', columns = {{
            lifecycleStatus: 'VARCHAR', addresses: 'STRUCT(reference VARCHAR)[]'}})
        WHERE lifecycleStatus IS DISTINCT FROM 'entered-in-error'
    UNION SELECT unnest(reasonReference).reference
        FROM read_json('{folder}/ServiceRequest.*.ndjson', format = 'newline_delimited', columns = {{
            status: 'VARCHAR', reasonReference: 'STRUCT(reference VARCHAR)[]'}})
        WHERE status IS DISTINCT FROM 'entered-in-error'),
condition AS (
    SELECT 'Condition/' || id AS need, subject.reference AS patient, encounter.reference AS encounter, code.coding AS codings,
        first_instant(coalesce(onsetDateTime::VARCHAR, onsetPeriod."start"::VARCHAR, recordedDate::VARCHAR)) AS began,
        last_instant(coalesce(abatementDateTime::VARCHAR, abatementPeriod."end"::VARCHAR)) AS ended,
        clinicalStatus.coding[1].code AS clinical, coalesce(verificationStatus.coding[1].code, '') AS verification,
        list_has_any(flatten(list_transform(category, lambda x: list_transform(x.coding, lambda y: y.code))),
            ['problem-list-item', 'health-concern']) AS listed
    FROM read_json('{folder}/Condition.*.ndjson', format = 'newline_delimited', columns = {{
        id: 'VARCHAR', subject: 'STRUCT(reference VARCHAR)', encounter: 'STRUCT(reference VARCHAR)',
        code: 'STRUCT(coding STRUCT("system" VARCHAR, code VARCHAR)[])',
        clinicalStatus: 'STRUCT(coding STRUCT(code VARCHAR)[])', verificationStatus: 'STRUCT(coding STRUCT(code VARCHAR)[])',
        category: 'STRUCT(coding STRUCT(code VARCHAR)[])[]', onsetDateTime: 'VARCHAR', recordedDate: 'VARCHAR',
        onsetPeriod: 'STRUCT("start" VARCHAR)', abatementDateTime: 'VARCHAR', abatementPeriod: 'STRUCT("end" VARCHAR)'}}))
SELECT c.need, c.patient, c.encounter, c.codings
FROM condition c LEFT JOIN patient p USING (patient)
WHERE verification NOT IN ('entered-in-error', 'refuted')
    AND NOT list_has_any(list_transform(codings, lambda x: x.code), ['160903007', '160904001', '741062008', '224299000',
        '224295006', '5251000175109', '314529007', '19169002', '35999006'])
    AND (listed OR need IN (FROM named)
        OR (clinical IN ('active', 'recurrence', 'relapse') AND coalesce(began < as_of() - INTERVAL 90 DAY, true)))
    AND coalesce(began <= as_of(), true) AND coalesce(ended > as_of(), true)
    AND NOT coalesce(clinical IN ('inactive', 'remission', 'resolved') AND ended IS NULL, false)
    AND coalesce(died > as_of(), true);

-- Which encounters are about which needs.
CREATE TEMP TABLE about AS
WITH named AS (
    SELECT encounter, patient, unnest(list_concat(diagnoses, reasons)) AS need FROM encounter),
coded AS (SELECT encounter, patient, unnest(codings) AS coding FROM encounter),
of_need AS (SELECT need, patient, unnest(codings) AS coding FROM need),
of_episode AS (
    SELECT e.encounter, e.patient, unnest(conditions) AS need
    FROM (SELECT encounter, patient, unnest(episodes) AS episode FROM encounter) e JOIN episode USING (episode))
SELECT need, x.encounter FROM named x JOIN need USING (need, patient)
UNION SELECT need, x.encounter FROM coded x JOIN of_need USING (patient, coding)
UNION SELECT need, x.encounter FROM of_episode x JOIN need USING (need, patient)
UNION SELECT n.need, n.encounter FROM need n JOIN encounter e ON e.encounter = n.encounter AND e.patient = n.patient;

CREATE TEMP TABLE claim AS
WITH linked AS (
    SELECT team, unnest(conditions) AS need FROM care_team
    UNION ALL SELECT unnest(teams), need FROM (SELECT teams, unnest(conditions) AS need FROM care_plan
        WHERE (status IN ('active', 'on-hold') OR (status IN ('completed', 'revoked') AND period."end" IS NOT NULL))
            AND holds(period))
    UNION ALL SELECT unnest(teams), need FROM (SELECT teams, unnest(conditions) AS need FROM episode
        WHERE (status IN ('active', 'onhold') OR (status = 'finished' AND period."end" IS NOT NULL)) AND holds(period))),
-- C3, C5
team AS (
    SELECT team, patient, participant.member AS member,
        flatten(list_transform(participant.role, lambda x: list_transform(x.coding, lambda y: y.code))) AS roles
    FROM (SELECT team, patient, unnest(participant) AS participant FROM care_team
        WHERE (coalesce(status, 'active') = 'active' OR (status = 'inactive' AND period."end" IS NOT NULL)) AND holds(period))
    WHERE holds(participant.period)),
of_team AS (
    SELECT l.need, named(member) AS name,
        list_has_any(coalesce(roles, []), ['RESP', '405279007', '768832004', '445451001', '768820003']) AS leads
    FROM team t JOIN linked l USING (team) JOIN need n ON n.need = l.need AND n.patient = t.patient
    WHERE NOT list_has_any(coalesce(roles, []), ['116154003', '133932002', '429577009'])),
-- C4, C8
participant AS (
    SELECT encounter, status, class, first_instant(e.period."start") AS began, last_instant(e.period."end") AS ended,
        participant.period AS while_there, participant.individual AS individual,
        flatten(list_transform(participant."type", lambda x: list_transform(x.coding, lambda y: y.code))) AS types
    FROM (SELECT encounter, status, class, period, unnest(participant) AS participant FROM encounter) e),
attending AS (
    SELECT a.need, named(individual) AS name FROM participant JOIN about a USING (encounter)
    WHERE list_contains(types, 'ATND') AND holds(while_there) AND began <= as_of()
        AND CASE WHEN status = 'finished' THEN ended > as_of()
            WHEN class IN ('AMB', 'VR', 'HH') THEN began + INTERVAL 24 HOUR > as_of()
            ELSE began + INTERVAL 180 DAY > as_of() END),
last_seen AS (
    SELECT a.need, named(individual) AS name,
        CASE WHEN list_contains(types, 'ATND') THEN 0 WHEN list_contains(types, 'PPRF') THEN 1 ELSE 2 END AS part,
        encounter, coalesce(ended, began) AS seen
    FROM participant p JOIN about a USING (encounter)
    WHERE status = 'finished' AND began <= as_of() AND coalesce(ended, began) <= as_of()
    QUALIFY seen = max(seen) OVER (PARTITION BY a.need)),
all_claims AS (
    SELECT need, name, CASE WHEN leads THEN 2 ELSE 4 END AS basis FROM of_team
    UNION ALL SELECT need, name, 3 FROM attending
    UNION ALL SELECT n.need, named(gp), 7 FROM need n JOIN
        (SELECT patient, unnest(generalPractitioner) AS gp FROM patient) p USING (patient)
    UNION ALL (SELECT need, name, 8 FROM last_seen WHERE seen > as_of() - INTERVAL 24 MONTH
        QUALIFY part = min(part) OVER (PARTITION BY need, encounter)))
SELECT need, basis, h.person, h.lapsed FROM all_claims JOIN holder h USING (name);

COPY (
    WITH strongest AS (
        SELECT need, basis, list_sort(list(DISTINCT person)) AS holders FROM claim WHERE NOT lapsed
        GROUP BY need, basis QUALIFY basis = min(basis) OVER (PARTITION BY need)),
    lapsed AS (SELECT need, list_sort(list(DISTINCT person)) AS holders FROM claim GROUP BY need, basis
        QUALIFY basis = min(basis) OVER (PARTITION BY need))
    SELECT patient, need,
        CASE WHEN s.basis <= 3 THEN if(len(s.holders) = 1, 'held', 'contested')
            WHEN s.basis IS NOT NULL THEN if(len(s.holders) = 1, 'assumed', 'leaderless')
            WHEN l.need IS NOT NULL THEN 'lapsed' ELSE 'unheld' END AS verdict,
        coalesce(s.holders, l.holders, []) AS holders
    FROM need n LEFT JOIN strongest s USING (need) LEFT JOIN lapsed l USING (need)
    ORDER BY patient, need
) TO '{rows}' (FORMAT json);
