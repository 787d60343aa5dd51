type Words = Readonly<{ en: string; sv: string }>

/** What can be broken on purpose in a demo world: the closed list. */
export const BREAKABLE_NAMES = ['isolation', 'log', 'tls', 'location'] as const
export type BreakableName = (typeof BREAKABLE_NAMES)[number]

export type Breakable = {
  what: BreakableName
  /** The promise that then is broken. */
  promise: string
  title: Words
  /** What is done to the world, in a sentence. */
  does: Words
}

/** What each does to the world, for people. */
export const BREAKABLES: readonly Breakable[] = [
  {
    what: 'isolation',
    promise: 'isolation.single-tenant',
    title: { en: 'Isolation', sv: 'Isolering' },
    does: {
      en: 'Puts files of one customer’s database among another customer’s own, open to be read.',
      sv: 'Lägger filer ur en kunds databas bland en annan kunds egna, öppna att läsa.',
    },
  },
  {
    what: 'log',
    promise: 'logs.isolated',
    title: { en: 'The log', sv: 'Loggen' },
    does: {
      en: 'Rewrites an entry of the log on its disk, as somebody with root’s power could.',
      sv: 'Skriver om en post i loggen på dess disk, så som någon med roots makt kan.',
    },
  },
  {
    what: 'tls',
    promise: 'transport.tls',
    title: { en: 'TLS', sv: 'TLS' },
    does: {
      en: 'Puts certificates with three days left in the place of those in use, as if renewal had failed.',
      sv: 'Byter certifikaten mot sådana som bara gäller tre dagar till, som om förnyelsen hade misslyckats.',
    },
  },
  {
    what: 'location',
    promise: 'location.pinned',
    title: { en: 'Location', sv: 'Plats' },
    does: {
      en: 'Copies a customer’s key into the store of another region.',
      sv: 'Kopierar en kunds nyckel till en annan regions lagring.',
    },
  },
]
