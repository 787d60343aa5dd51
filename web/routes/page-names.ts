/** First parts of the addresses that are pages of the console; the server sends the application for these and no others. */
export const PAGES = [
  '',
  'promises',
  'approvals',
  'overview',
  'attestations',
  'accounts',
  'instances',
  'regions',
  'log',
  'people',
  'settings',
  'start',
  'sign-in',
] as const
