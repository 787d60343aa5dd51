/** Lines that tell a person how to make their system, curl and browsers trust the authority at this path. */
export function trustInstructions(caPath: string): string {
  return `Browsers do not know this installation's certificate authority yet. It can vouch for nothing but this
installation's own names. To trust it:
  curl, once       curl --cacert ${caPath} https://…
  Debian, Ubuntu   sudo cp ${caPath} /usr/local/share/ca-certificates/borgen.crt && sudo update-ca-certificates
  Fedora, RHEL     sudo cp ${caPath} /etc/pki/ca-trust/source/anchors/borgen.crt && sudo update-ca-trust
  macOS            security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${caPath}
  Chromium, Linux  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Borgen -i ${caPath}   (package libnss3-tools)
  Firefox          Settings → Certificates → Authorities → Import ${caPath}
  Node.js          NODE_EXTRA_CA_CERTS=${caPath}
`
}
