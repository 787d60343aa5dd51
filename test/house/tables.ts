/** Who answers for a table's rows, and how long they stay. */
export type TableRow = { owner: string; retention: string }

/**
 * Every table of the database. `owner` is the folder whose store.ts writes it; `retention` says when a row goes, in a sentence
 * that names what ends its life. A table without a row here may not exist.
 */
export const TABLES: Readonly<Record<string, TableRow>> = {
  'access.approval_codes': {
    owner: 'src/access/approvals',
    retention:
      'Ten minutes of life or one use; the row stays as the record of who made it for whom. Only a hash.',
  },
  'access.approvals': {
    owner: 'src/access/approvals',
    retention: 'Stays: who asked for what, and who agreed; what is decided cannot be decided again.',
  },
  'access.challenges': {
    owner: 'src/access',
    retention: 'Until it is answered, or for five minutes: the next one that is made sweeps what is too old.',
  },
  'access.passkeys': {
    owner: 'src/access',
    retention: 'As long as the person is on the list; holds no private key.',
  },
  'access.people': {
    owner: 'src/access',
    retention:
      'As long as the log names the person by this id; a person who leaves is disabled, not removed.',
  },
  'access.sessions': {
    owner: 'src/access',
    retention:
      'Twelve hours of life; the row stays as the record of who was signed in when. Only a hash of the secret.',
  },
  'access.sign_in_links': {
    owner: 'src/access',
    retention: 'A day of life or one use; the row stays as the record of both. Only a hash of the secret.',
  },
  'access.tokens': {
    owner: 'src/access',
    retention:
      'At most 366 days of life; the row stays so that the log can name who acted. Only a hash of the secret.',
  },
  'changes.changes': {
    owner: 'src/changes',
    retention: 'Stays: it is what a repeated request is answered from, and what the log is compared with.',
  },
  'changes.outbox': {
    owner: 'src/changes',
    retention: 'Until the log has the entry: a moment, or as long as the log is down.',
  },
  'demo.advances': {
    owner: 'src/demo',
    retention: 'Stays: each time that the clock of a demo world was advanced. Empty in every other world.',
  },
  'demo.clock': {
    owner: 'src/kernel',
    retention: 'One row in a demo world whose clock was advanced, for its life. Empty in every other world.',
  },
  'fleet.account_events': {
    owner: 'src/fleet/accounts',
    retention: 'As long as the account; append-only, held by a trigger.',
  },
  'fleet.accounts': {
    owner: 'src/fleet/accounts',
    retention: 'As long as the account; its data lie in its instance, not here.',
  },
  'fleet.apps': {
    owner: 'src/fleet/apps',
    retention: 'Stays: the name of an application is never used for another one.',
  },
  'fleet.instances': {
    owner: 'src/fleet/instances',
    retention:
      'The row of a destroyed instance stays, without its secrets, so that its id is never used again.',
  },
  'fleet.regions': { owner: 'src/fleet/regions', retention: 'Stays: the eight regions of the register.' },
  'fleet.releases': {
    owner: 'src/fleet/apps',
    retention: 'Stays: a version means the same bytes for ever; append-only.',
  },
  'fleet.resources': {
    owner: 'src/fleet/resources',
    retention: 'Seven days (P7D); the worker deletes what is older, some each hour.',
  },
  'fleet.shipped_output': {
    owner: 'src/fleet/output',
    retention: 'As long as the instance’s row: how far its output has been carried into the log.',
  },
  'fleet.waiting_output': {
    owner: 'src/fleet/output',
    retention: 'As long as the instance’s output waits for the log.',
  },
  'isolation.probes': {
    owner: 'src/domains/data-security/isolation',
    retention: 'Until the next look at the instance; goes with the first round after the instance is gone.',
  },
  'kernel.migrations': { owner: 'src/kernel', retention: 'Stays: which migrations this database has seen.' },
  'location.artefacts': {
    owner: 'src/domains/data-security/location',
    retention: 'Until the next look at its store, which removes what is not there any more.',
  },
  'logs.witnesses': {
    owner: 'src/domains/operational-security/logs',
    retention: 'One row a witness, replaced at each try; goes when the world no longer names the witness.',
  },
  'pledges.attestations': {
    owner: 'src/pledges/attestations',
    retention: 'Stays: an expired or withdrawn one says what verdicts of its time leaned on.',
  },
  'pledges.overviews': {
    owner: 'src/pledges',
    retention: 'Stays: the public history of what was promised is read from it.',
  },
  'pledges.public_lines': {
    owner: 'src/pledges',
    retention: 'Stays, append-only: each change of a promise leaves its public dated line for good.',
  },
  'pledges.requests': {
    owner: 'src/pledges',
    retention: 'Until the proof that was asked for has run.',
  },
  'pledges.transitions': {
    owner: 'src/pledges',
    retention: 'Stays, append-only: nothing public disappears without a trace.',
  },
  'pledges.verdicts': {
    owner: 'src/pledges',
    retention:
      'One row a promise, replaced by each proof; what it replaces stands in the transitions and in the log.',
  },
}
