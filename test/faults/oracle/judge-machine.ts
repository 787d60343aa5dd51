import type { Facts, Fault } from './facts.ts'

/** How many prepared places the warden keeps. */
const poolLimit = 3

/** One server for each folder, ever; and L5: what lies and runs on the machine is what the register says. */
export function judgeMachine(facts: Facts): Fault[] {
  return [...judgeServers(facts), ...judgeFolders(facts), ...judgeRunning(facts), ...judgeKeys(facts)]
}

function judgeServers({ overlaps, machine, plane }: Facts): Fault[] {
  const faults: Fault[] = overlaps.map(({ folder, servers }) => ({
    law: 'one server',
    fault: `folder ${folder} had ${servers.length} servers: ${servers.map((one) => `${one.pid} (${one.command})`).join(', ')}`,
  }))
  for (const [place, servers] of Map.groupBy(machine.servers, (one) => one.place))
    if (servers.length > 1)
      faults.push({ law: 'one server', fault: `${place} has ${servers.length} servers` })
  const placesWanted = new Set(['plane/pg'])
  for (const { id, observed } of plane.instances)
    if (observed === 'awake') placesWanted.add(`instances/${id}/pg`)
  const placesFound = new Set(machine.servers.map((one) => one.place))
  for (const place of placesWanted)
    if (!placesFound.has(place)) faults.push({ law: 'L1 durable', fault: `${place} should have a server` })
  for (const place of placesFound)
    if (!placesWanted.has(place))
      faults.push({ law: 'L5 no orphans', fault: `a server nobody wants: ${place}` })
  return faults
}

function judgeFolders({ machine, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  const orphan = (fault: string) => void faults.push({ law: 'L5 no orphans', fault })
  const there = new Set(plane.instances.filter((one) => one.step === 'provisioned').map((one) => one.id))
  const folders = new Set(machine.folders.map((one) => one.instance))
  for (const id of folders) if (!there.has(id)) orphan(`instances/${id} belongs to nobody`)
  for (const id of there)
    if (!folders.has(id)) faults.push({ law: 'L1 durable', fault: `the folder of ${id} is gone` })
  const observed = new Set(machine.observed)
  for (const id of observed) if (!there.has(id)) orphan(`${id} is published and belongs to nobody`)
  for (const id of there)
    if (!observed.has(id)) faults.push({ law: 'L1 durable', fault: `${id} is not published` })
  for (const name of machine.trash) orphan(`warden/trash/${name}`)
  for (const { slot, whole } of machine.pool) if (!whole) orphan(`warden/pool/${slot} is half made`)
  if (machine.pool.length > poolLimit) orphan(`${machine.pool.length} prepared places`)
  const uids = [...machine.folders, ...machine.pool].flatMap(({ uid }) => uid ?? [])
  const distinct = machine.processes.length > 0 || new Set(uids).size > 1
  if (distinct && new Set(uids).size !== uids.length)
    faults.push({ law: 'L5 no orphans', fault: `one user for two places: ${uids.join(', ')}` })
  const releases = new Set(plane.releases)
  for (const name of machine.releases) if (!releases.has(name)) orphan(`releases/${name} belongs to nobody`)
  for (const mount of machine.mounts) orphan(`a mount was left: ${mount}`)
  return faults
}

function judgeRunning({ machine, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  const orphan = (fault: string) => void faults.push({ law: 'L5 no orphans', fault })
  const awake = new Set(plane.instances.filter((one) => one.observed === 'awake').map((one) => one.id))
  const there = new Set(plane.instances.filter((one) => one.step === 'provisioned').map((one) => one.id))
  for (const name of machine.groups) if (!awake.has(name)) orphan(`the control group of ${name} was left`)
  for (const file of machine.running) {
    const [id = '', part] = file.split('.')
    // Locks and notes of sandboxes stay as long as the instance; the record only while it runs.
    if (!there.has(id)) orphan(`warden/running/${file} belongs to nobody`)
    else if (part === 'json' && !awake.has(id)) orphan(`warden/running/${file}, but ${id} sleeps`)
  }
  const userOf = new Map(machine.folders.map(({ instance, uid }) => [uid, instance]))
  for (const { pid, uid, name } of machine.processes) {
    const instance = userOf.get(uid)
    if (instance === undefined) orphan(`process ${pid} (${name}) of user ${uid}, whom no instance has`)
    else if (!awake.has(instance)) orphan(`process ${pid} (${name}) of ${instance}, which sleeps`)
  }
  for (const { instance, path } of machine.sockets)
    if (!there.has(instance)) orphan(`socket ${instance}/${path}`)
  return faults
}

/** A key for each instance that is there, a mark and no key for each that is destroyed, nothing else. */
function judgeKeys({ machine, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  const files = new Set(machine.keys)
  const expected = new Set<string>()
  for (const { id, region, observed, step } of plane.instances) {
    const [key, mark] = [`${region}/${id}.1.json`, `${region}/${id}.1.destroyed`]
    const isDestroyed = observed === 'destroyed'
    if (step === 'registered') continue
    expected.add(isDestroyed ? mark : key)
    if (!isDestroyed && !files.has(key)) faults.push({ law: 'L1 durable', fault: `the key of ${id} is gone` })
    if (isDestroyed && files.has(key))
      faults.push({ law: 'L5 no orphans', fault: `the key of ${id} outlived it` })
  }
  for (const file of files)
    if (!expected.has(file) && !file.endsWith('.destroyed'))
      faults.push({ law: 'L5 no orphans', fault: `keyring/${file} belongs to nobody` })
  return faults
}
