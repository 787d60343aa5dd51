import type { Facts, Fault } from './facts.ts'
import type { OpenedEvent } from './unseal.ts'

/** L3 and L4: changes and entries match one to one, nothing is in the log twice, nothing it covered has changed. */
export function judgeLog(facts: Facts): Fault[] {
  return [...judgeTree(facts), ...judgeChanges(facts), ...judgeHistory(facts)]
}

function judgeTree({ log, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  if (log.verdict !== 'verified')
    faults.push({ law: 'L4 append-only', fault: `the log is ${log.verdict}: ${log.damage.join(', ')}` })
  const byKey = Map.groupBy(log.events, (one) => one.key)
  for (const [key, events] of byKey)
    if (events.length > 1)
      faults.push({
        law: 'L3 audited',
        fault: `${key} is in the log ${events.length} times, at ${events.map(({ index }) => index).join(', ')}`,
      })
  const seen = new Set(log.events.map(({ index }) => index))
  for (let index = 0; index < log.size; index++)
    if (!seen.has(index)) faults.push({ law: 'L3 audited', fault: `entry ${index} has no sealed event` })
  for (const key of plane.outbox) faults.push({ law: 'L3 audited', fault: `${key} still waits for the log` })
  return faults
}

const resultOf = { done: 'done', refused: 'refused', abandoned: 'abandoned', intended: undefined }

/** Every change: one intent, one outcome that says what the row says. Every such entry: its change. */
function judgeChanges({ log, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  const phases = new Map<string, OpenedEvent[]>()
  for (const entry of log.events) {
    const [, change, phase] = /^(chg_[0-9a-z]+):(intent|outcome)$/.exec(entry.key) ?? []
    if (change === undefined) continue
    phases.set(`${change}:${phase}`, [...(phases.get(`${change}:${phase}`) ?? []), entry])
    if (entry.event.change !== change || entry.event.phase !== phase)
      faults.push({ law: 'L3 audited', fault: `entry ${entry.index} says another change than its key` })
  }
  const rows = new Set(plane.changes.map(({ id }) => id))
  for (const name of phases.keys())
    if (!rows.has(name.split(':')[0] ?? ''))
      faults.push({ law: 'L3 audited', fault: `${name} is in the log, and there is no such change` })
  for (const { id, action, state } of plane.changes) {
    const intents = phases.get(`${id}:intent`) ?? []
    const outcomes = phases.get(`${id}:outcome`) ?? []
    if (state === 'intended') {
      faults.push({ law: 'L3 audited', fault: `${action} ${id} is still open` })
      continue
    }
    // Without an effect the intent may have found the log closed; with one it never may.
    if (state === 'done' && intents.length !== 1)
      faults.push({ law: 'L3 audited', fault: `${action} ${id} was done with ${intents.length} intents` })
    if (outcomes.length !== 1)
      faults.push({
        law: 'L3 audited',
        fault: `${action} ${id} is ${state} with ${outcomes.length} outcomes`,
      })
    const [outcome] = outcomes
    if (outcome && outcome.event.result !== resultOf[state])
      faults.push({
        law: 'L3 audited',
        fault: `${action} ${id} is ${state}, the log says ${outcome.event.result}`,
      })
  }
  return faults
}

/** What the worker reached stands in the log as often as it happened, and never in an order that cannot be. */
function judgeHistory({ log, plane }: Facts): Fault[] {
  const faults: Fault[] = []
  const wrong = (fault: string) => void faults.push({ law: 'L3 audited', fault })
  const known = new Map(plane.instances.map((one) => [one.id, one]))
  const accounts = new Map(plane.accounts.map((one) => [one.id, 0]))
  const histories = new Map<string, string[]>()
  for (const { key, subject, event } of log.events) {
    const [, instance, type] = /^(ins_[0-9a-z]+):(instance\.[a-z-]+):\d+$/.exec(key) ?? []
    if (instance !== undefined && type !== undefined) {
      if (subject !== instance) wrong(`${key} stands under ${subject}`)
      histories.set(instance, [...(histories.get(instance) ?? []), type])
    }
    if (key.endsWith(':outcome') && event.action === 'account.sign-up' && event.result === 'done') {
      const account = String(event.account)
      if (!accounts.has(account)) wrong(`the log has a sign-up of ${account}, which is not there`)
      accounts.set(account, (accounts.get(account) ?? 0) + 1)
    }
  }
  for (const [account, count] of accounts)
    if (count !== 1) wrong(`the sign-up of ${account} is in the log ${count} times`)
  for (const [instance, history] of histories) {
    const row = known.get(instance)
    if (row === undefined) {
      wrong(`the log tells of ${instance}, which is not there`)
      continue
    }
    const count = (type: string) => history.filter((one) => one === type).length
    const isDestroyed = row.observed === 'destroyed'
    const wasMade = row.step === 'provisioned' || count('instance.woken') > 0
    if (count('instance.provisioned') > 1 || (wasMade && count('instance.provisioned') === 0))
      wrong(`${instance} was provisioned ${count('instance.provisioned')} times`)
    for (const type of ['instance.removed', 'instance.destroyed'])
      if (count(type) !== (isDestroyed ? 1 : 0))
        wrong(`${instance} is ${row.observed}, ${count(type)} ${type}`)
    if (isDestroyed && history.at(-1) !== 'instance.destroyed')
      wrong(`${instance} was destroyed, and then ${history.at(-1)}`)
  }
  for (const { id, observed } of plane.instances)
    if (!histories.has(id) && observed !== 'absent')
      wrong(`nothing of ${id}, which is ${observed}, is in the log`)
  return faults
}
