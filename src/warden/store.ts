/** Run once on the template, in single-user mode: one command a line. */
export const templateSql = [
  'CREATE ROLE app LOGIN;',
  'ALTER DATABASE postgres RENAME TO app;',
  'ALTER DATABASE app OWNER TO app;',
  'REVOKE ALL ON DATABASE app FROM PUBLIC;',
  'REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;',
]

/** Gives the application's role its password, as a SCRAM verifier: base64 and `$`, no quotes. */
export function setPasswordSql(verifier: string): string {
  if (!/^SCRAM-SHA-256\$[\w+/=:$]+$/.test(verifier)) throw new Error('not a SCRAM verifier')
  return `ALTER ROLE app PASSWORD '${verifier}';`
}
