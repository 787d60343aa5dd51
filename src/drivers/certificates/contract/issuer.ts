/** What an issuer hands out: the leaf first, then what leads to the root (PEM), its PKCS#8 key (PEM), its end. */
export type IssuedCertificate = { certPem: string; keyPem: string; notBeforeMs: number; notAfterMs: number }

/**
 * Whoever can vouch for names: the local authority, later an ACME account. `issue` gives one new certificate for
 * exactly these DNS names (a first label of `*` stands for one label) with a key of its own, or throws `AppError`:
 * `bad_request` for names that this issuer may not vouch for, `unavailable` when it cannot be reached.
 */
export type CertificateIssuer = {
  readonly kind: 'local' | 'acme'
  issue(names: readonly string[], nowMs: number): Promise<IssuedCertificate>
}

/** When a certificate is due for renewal: two thirds into its life. */
export function renewalDueMs(certificate: Pick<IssuedCertificate, 'notBeforeMs' | 'notAfterMs'>): number {
  const { notBeforeMs, notAfterMs } = certificate
  return notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3
}
