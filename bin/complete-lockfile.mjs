// `node bin/complete-lockfile.mjs`: lists in package-lock.json the packages of other platforms that npm left out because
// the registry in use does not carry them. `npm ci` refuses a lockfile without them, though it would never fetch them.
import fs from 'node:fs'
import path from 'node:path'

/** Names optional dependencies of the lockfile that it has no entry for, with the version and the package asking. */
export function missingOptionals(lock) {
  return Object.entries(lock.packages).flatMap(([place, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !placesSeenFrom(place, name).some((one) => one in lock.packages))
      .map(([name, version]) => ({ name, version, asking: entry })),
  )
}

/** Where npm looks for a dependency of the package at `place`, nearest first. */
function placesSeenFrom(place, name) {
  const places = []
  for (let at = place; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1)))
    places.push(`${at}/node_modules/${name}`)
  return [...places, `node_modules/${name}`]
}

function entryFor({ name, version, asking }) {
  const [, os, cpu, libc] =
    /(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|wasm32|win32)-([a-z0-9]+)(?:-(.+))?$/.exec(
      name,
    ) ?? []
  if (os === undefined) throw new Error(`${name}: no platform in the name; add it by hand.`)
  return {
    version,
    cpu: [cpu],
    ...(asking.dev ? { dev: true } : {}),
    ...(libc?.startsWith('musl') ? { libc: ['musl'] } : {}),
    ...(asking.license ? { license: asking.license } : {}),
    optional: true,
    os: [os],
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const file = path.join(path.dirname(process.argv[1]), '..', 'package-lock.json')
  const lock = JSON.parse(fs.readFileSync(file, 'utf8'))
  const missing = missingOptionals(lock)
  for (const one of missing) lock.packages[`node_modules/${one.name}`] ??= entryFor(one)
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
  if (missing.length > 0)
    fs.writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  console.log(`${missing.length} packages of other platforms added to package-lock.json`)
}
