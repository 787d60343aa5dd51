import type { Facts, Fault } from './facts.ts'
import type { Request } from './journal.ts'
import { judgeLog } from './judge-log.ts'
import { judgeMachine } from './judge-machine.ts'

/** Everything in these facts that breaks a law of quality.md, or runs two PostgreSQL servers on one folder; pure. */
export function judge(facts: Facts): Fault[] {
  return [
    ...judgeSignUps(facts),
    ...judgeWishes(facts),
    ...judgeWrites(facts),
    ...judgeLog(facts),
    ...judgeMachine(facts),
  ]
}

type Of<Kind extends Request['kind']> = Extract<Request, { kind: Kind }>
const of = <Kind extends Request['kind']>(requests: Request[], kind: Kind) =>
  requests.filter((one): one is Of<Kind> => one.kind === kind)

/** Acknowledged: there, once, under the ids that were told. Not acknowledged: wholly there or wholly absent. */
function judgeSignUps({ requests, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  const asked = of(requests, 'sign-up')
  for (const { company, acknowledged } of asked) {
    const accounts = plane.accounts.filter((one) => one.company === company)
    const [account] = accounts
    if (accounts.length > 1)
      faults.push({ law: 'L2 atomic', fault: `${company} is there ${accounts.length} times` })
    if (acknowledged && (account === undefined || account.id !== acknowledged.account))
      faults.push({
        law: 'L1 durable',
        fault: `${company} was acknowledged as ${acknowledged.account} and is ${account?.id ?? 'not there'}`,
      })
    if (account === undefined) continue
    const instances = plane.instances.filter((one) => one.account === account.id)
    const events = plane.events.filter(
      (one) => one.account === account.id && one.type === 'account.signed-up',
    )
    if (instances.length !== 1 || events.length !== 1)
      faults.push({
        law: 'L2 atomic',
        fault: `${company} has ${instances.length} instances and ${events.length} sign-up events`,
      })
    if (acknowledged && instances[0]?.id !== acknowledged.instance)
      faults.push({
        law: 'L1 durable',
        fault: `${company} was told ${acknowledged.instance}, not ${instances[0]?.id}`,
      })
  }
  const known = new Set(asked.map((one) => one.company))
  for (const { company } of plane.accounts)
    if (!known.has(company))
      faults.push({ law: 'L2 atomic', fault: `nobody asked for the account ${company}` })
  return faults
}

const eventOf = {
  wake: 'instance.wake-wished',
  sleep: 'instance.sleep-wished',
  destroy: 'instance.destruction-wished',
}

/** One effect for each key, however often it was sent; no effect without a request; what was destroyed stays so. */
function judgeWishes({ requests, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  for (const request of requests) {
    if (request.kind === 'write' || request.kind === 'cli-wish') continue
    const done = plane.changes.filter((one) => one.idempotency_key === request.key && one.state === 'done')
    if (done.length > 1)
      faults.push({ law: 'L2 atomic', fault: `${request.kind} ${request.key} was done ${done.length} times` })
    if (request.acknowledged && done.length === 0)
      faults.push({
        law: 'L1 durable',
        fault: `${request.kind} ${request.key} was acknowledged and not done`,
      })
  }
  for (const { id, desired } of plane.instances)
    for (const verb of ['wake', 'sleep', 'destroy'] as const) {
      const asked = requests.filter(
        (one) => (one.kind === 'wish' || one.kind === 'cli-wish') && one.instance === id && one.verb === verb,
      )
      const told = asked.filter((one) => one.acknowledged).length
      const events = plane.events.filter((one) => one.instance === id && one.type === eventOf[verb]).length
      if (events < told)
        faults.push({
          law: 'L1 durable',
          fault: `${id}: ${told} ${verb} acknowledged, ${events} in its history`,
        })
      if (events > asked.length)
        faults.push({
          law: 'L2 atomic',
          fault: `${id}: ${asked.length} ${verb} asked, ${events} in its history`,
        })
      if (verb === 'destroy' && events > 0 !== (desired === 'destroyed'))
        faults.push({
          law: 'L2 atomic',
          fault: `${id}: ${events} destructions, yet it is wished ${desired}`,
        })
    }
  return faults
}

/** Every acknowledged write is in its application once; one that was not is there once or not at all; nothing else is. */
function judgeWrites({ requests, notes }: Facts): Fault[] {
  const faults: Fault[] = []
  const writes = Map.groupBy(of(requests, 'write'), (one) => one.instance)
  for (const [instance, found] of Object.entries(notes)) {
    const counts = new Map<string, number>()
    for (const note of found) counts.set(note, (counts.get(note) ?? 0) + 1)
    for (const { key, acknowledged } of writes.get(instance) ?? []) {
      const count = counts.get(key) ?? 0
      counts.delete(key)
      if (acknowledged && count === 0)
        faults.push({ law: 'L1 durable', fault: `${instance} lost the acknowledged write ${key}` })
      if (count > 1)
        faults.push({ law: 'L2 atomic', fault: `${instance} has the write ${key} ${count} times` })
    }
    for (const note of counts.keys())
      faults.push({ law: 'L2 atomic', fault: `${instance} holds ${note}, which nobody wrote there` })
  }
  return faults
}
