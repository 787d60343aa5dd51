import { declareWords } from './language.ts'

export const verdictWords = declareWords(
  {
    kept: 'kept',
    broken: 'broken',
    unknown: 'unknown',
    unexercised: 'not yet exercised',
    none: 'not looked at',
    headings: {
      'organisation-security': 'Organisation',
      'physical-security': 'Premises',
      'operational-security': 'Operations',
      'data-security': 'Data',
      'incident-management': 'Incidents',
    },
    kinds: {
      enforced: 'Borgen makes it so',
      watched: 'Borgen watches it',
      attested: 'a person signs for it',
    },
    means: {
      kept: 'Fresh evidence covers the whole population.',
      broken: 'Evidence shows a breach, or something is overdue now.',
      unknown: 'The proof could not look, or what it saw is too old.',
      unexercised: 'Nothing has come due yet, so nothing could be shown.',
    },
    population: (kept: string, all: string, of: string) => `${kept} of ${all} ${of}`,
  },
  {
    kept: 'hållet',
    broken: 'brutet',
    unknown: 'okänt',
    unexercised: 'ännu inte prövat',
    none: 'ej granskat',
    headings: {
      'organisation-security': 'Organisation',
      'physical-security': 'Lokaler',
      'operational-security': 'Drift',
      'data-security': 'Data',
      'incident-management': 'Incidenter',
    },
    kinds: {
      enforced: 'Borgen ser till att det blir så',
      watched: 'Borgen bevakar det',
      attested: 'en person går i god för det',
    },
    means: {
      kept: 'Färska belägg täcker allt som löftet gäller.',
      broken: 'Belägg visar ett brott, eller något är försenat just nu.',
      unknown: 'Det gick inte att se efter, eller så är det som sågs för gammalt.',
      unexercised: 'Inget har förfallit än, så inget har kunnat visas.',
    },
    population: (kept: string, all: string, of: string) => `${kept} av ${all} ${of}`,
  },
)
