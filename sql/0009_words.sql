-- What a verdict says is said in every language. What was written before stands in the language it was written in; the
-- proofs say theirs anew at their next run.
create function pledges.in_words(said jsonb) returns jsonb language sql immutable as $$
  select case when jsonb_typeof(said) = 'string' then jsonb_build_object('en', said, 'sv', said) else said end
$$;
create function pledges.population_in_words(population jsonb) returns jsonb language sql immutable as $$
  select population || jsonb_build_object('of', pledges.in_words(population -> 'of'))
$$;

alter table pledges.verdicts
  alter column reason type jsonb using pledges.in_words(to_jsonb(reason)),
  alter column remedy type jsonb using pledges.in_words(to_jsonb(remedy)),
  alter column population type jsonb using pledges.population_in_words(population);
-- as a change of types, since rows of transitions are for good
alter table pledges.transitions
  alter column reason type jsonb using pledges.in_words(to_jsonb(reason)),
  alter column population type jsonb using pledges.population_in_words(population);
alter table location.artefacts
  alter column reason type jsonb using pledges.in_words(to_jsonb(reason));

update pledges.verdicts set findings = (
  select coalesce(jsonb_agg(jsonb_strip_nulls(finding || jsonb_build_object(
    'reason', pledges.in_words(finding -> 'reason'),
    'remedy', pledges.in_words(finding -> 'remedy'),
    'population', pledges.population_in_words(finding -> 'population')
  )) || case when finding ? 'evidence' then jsonb_build_object('evidence', (
    select coalesce(jsonb_agg(seen || jsonb_build_object('seen', pledges.in_words(seen -> 'seen')) order by at), '[]')
    from jsonb_array_elements(finding -> 'evidence') with ordinality as of (seen, at)
  )) else '{}' end order by number), '[]')
  from jsonb_array_elements(findings) with ordinality as of (finding, number)
);
update isolation.probes set tries = (
  select jsonb_object_agg(key, value || jsonb_build_object('notable', (
    select coalesce(jsonb_agg(pledges.in_words(notable) order by at), '[]')
    from jsonb_array_elements(value -> 'notable') with ordinality as of (notable, at)
  )))
  from jsonb_each(tries)
);

drop function pledges.population_in_words, pledges.in_words;
