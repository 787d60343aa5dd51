/** Every reason this package gives, a closed list: the strings are stable, new ones are only added. */
export const codes = [
  // what was handed over cannot be read as what it should be
  'json_malformed',
  'shape_wrong',
  'format_unknown',
  'key_malformed',
  'key_id_wrong',
  'note_malformed',
  'checkpoint_malformed',
  'leaf_malformed',
  // it can be read, and does not hold
  'signature_missing',
  'signature_wrong',
  'cosignature_wrong',
  'origin_differs',
  'size_differs',
  'size_zero',
  'size_order',
  'index_beyond_size',
  'index_differs',
  'hash_length',
  'proof_length',
  'root_differs',
  'commitment_differs',
  // places in a log's folder
  'file_missing',
  'file_length',
  'file_unreadable',
  'file_unknown',
  'bundle_malformed',
  'entry_malformed',
  'entry_differs',
  'hash_differs',
  'disagreement',
  'subtree_differs',
  'partial_differs',
  'beyond_size',
  'checkpoint_ahead',
  'checkpoint_inconsistent',
  'vkey_differs',
  'vkey_missing',
  // why nothing can be said, or less than it seems
  'no_log',
  'no_key',
  'cosignature_missing',
  'key_from_folder',
  'not_computed',
  'limit_reached',
] as const

/** One of the closed list of reasons. */
export type Code = (typeof codes)[number]

/** What every check answers when the thing does not hold: a code for programs, a sentence for people. */
export type Rejection = { verdict: 'rejected'; code: Code; message: string }

/** What a check answers when it lacks something it would need, such as a key. */
export type Undecided = { verdict: 'undecided'; code: Code; message: string }

/** Makes a rejection. */
export function reject(code: Code, message: string): Rejection {
  return { verdict: 'rejected', code, message }
}
