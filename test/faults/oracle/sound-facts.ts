import type { Facts } from './facts.ts'
import type { OpenedEvent } from './unseal.ts'

export const awake = 'ins_awakeawakeawakeawakeawake'
export const gone = 'ins_gonegonegonegonegonegone12'
const region = 'eu-frankfurt'

type Step = { change: string; action: string; type: string; more?: object }

/** Facts as they are recorded of a world in which nothing went wrong: one customer there, one destroyed. */
export function soundFacts(): Facts {
  const steps: Step[] = [
    { change: 'chg_a', action: 'account.sign-up', type: 'account.signed-up', more: { account: 'acc_a' } },
    { change: 'chg_b', action: 'account.sign-up', type: 'account.signed-up', more: { account: 'acc_b' } },
    { change: 'chg_c', action: 'instance.destroy', type: 'instance.destruction-wished' },
  ]
  const entries: Omit<OpenedEvent, 'index'>[] = [
    ...steps.flatMap(({ change, action, more }) =>
      (['intent', 'outcome'] as const).map((phase) => ({
        key: `${change}:${phase}`,
        region,
        subject: 'plane',
        event: { change, action, phase, ...(phase === 'outcome' ? { result: 'done', ...more } : {}) },
      })),
    ),
    ...[
      `${awake}:instance.provisioned:1`,
      `${gone}:instance.provisioned:2`,
      `${gone}:instance.removed:3`,
      `${gone}:instance.destroyed:4`,
    ].map((key) => ({ key, region, subject: key.split(':')[0] ?? '', event: {} })),
  ]
  return {
    requests: [
      {
        kind: 'sign-up',
        key: 'k1',
        company: 'A',
        sent: 1,
        acknowledged: { account: 'acc_a', instance: awake },
      },
      {
        kind: 'sign-up',
        key: 'k2',
        company: 'B',
        sent: 2,
        acknowledged: { account: 'acc_b', instance: gone },
      },
      { kind: 'sign-up', key: 'k3', company: 'C', sent: 1, acknowledged: undefined },
      { kind: 'wish', key: 'k4', instance: gone, verb: 'destroy', sent: 3, acknowledged: {} },
      { kind: 'write', key: 'told', instance: awake, answerAfterMs: 0, sent: 1, acknowledged: {} },
      { kind: 'write', key: 'untold', instance: awake, answerAfterMs: 0, sent: 1, acknowledged: undefined },
    ],
    plane: {
      changes: steps.map(({ change, action }, at) => ({
        id: change,
        action,
        actor: 'token:tok_a',
        idempotency_key: ['k1', 'k2', 'k4'][at] ?? null,
        state: 'done' as const,
      })),
      accounts: [
        { id: 'acc_a', company: 'A' },
        { id: 'acc_b', company: 'B' },
      ],
      events: [
        { id: 'evt_a', account: 'acc_a', type: 'account.signed-up', instance: null },
        { id: 'evt_b', account: 'acc_b', type: 'account.signed-up', instance: null },
        { id: 'evt_c', account: 'acc_b', type: 'instance.destruction-wished', instance: gone },
      ],
      instances: [
        {
          ...{ id: awake, account: 'acc_a', region, host: 'a.test', desired: 'awake', observed: 'awake' },
          ...{ step: 'provisioned', failure: null, settled: true },
        },
        {
          ...{
            id: gone,
            account: 'acc_b',
            region,
            host: 'b.test',
            desired: 'destroyed',
            observed: 'destroyed',
          },
          ...{ step: 'key-destroyed', failure: null, settled: true },
        },
      ],
      releases: ['aa11'],
      outbox: [],
    },
    log: {
      verdict: 'verified',
      damage: [],
      size: entries.length,
      events: entries.map((entry, index) => ({ ...entry, index })),
    },
    machine: {
      folders: [{ instance: awake, uid: 100 }],
      pool: [{ slot: 'slot', uid: 102, whole: true }],
      trash: [],
      running: [`${awake}.json`, `${awake}.app.lock`],
      observed: [awake],
      groups: [awake],
      keys: [`${region}/${awake}.1.json`, `${region}/${gone}.1.destroyed`],
      releases: ['aa11'],
      mounts: [],
      servers: [
        { pid: 10, place: 'plane/pg' },
        { pid: 20, place: `instances/${awake}/pg` },
      ],
      processes: [
        { pid: 20, uid: 100, name: 'postgres' },
        { pid: 21, uid: 100, name: 'node' },
      ],
      sockets: [{ instance: awake, path: 'run/app.sock' }],
    },
    notes: { [awake]: ['told'] },
    overlaps: [],
  }
}
