import type { LoadedCommand } from './command.ts'

export type Entry = { summary: string; load: () => Promise<{ command: LoadedCommand }> }
export type Group = { summary: string; commands: Record<string, Entry> }

/** Every command by its words. Only the one that is run, or whose help is shown, is loaded. */
export const COMMANDS: Record<string, Entry | Group> = {
  up: { summary: 'bring a world up on this machine', load: () => import('./commands/up.ts') },
  status: { summary: 'show what runs', load: () => import('./commands/status.ts') },
  promise: {
    summary: 'what is promised, and whether it is kept',
    commands: {
      list: {
        summary: 'list promises with their verdicts',
        load: () => import('./commands/promise-list.ts'),
      },
      show: { summary: 'show a promise and its evidence', load: () => import('./commands/promise-show.ts') },
      prove: { summary: 'prove a promise now', load: () => import('./commands/promise-prove.ts') },
    },
  },
  overview: {
    summary: 'what the vendor promises otherwise than the register',
    commands: {
      check: { summary: 'check an overview.yaml', load: () => import('./commands/overview-check.ts') },
      show: {
        summary: 'show what is in force, and what the file on disk would change',
        load: () => import('./commands/overview-show.ts'),
      },
      propose: {
        summary: 'propose an overview.yaml to a second person',
        load: () => import('./commands/overview-propose.ts'),
      },
      history: {
        summary: 'print the public history of what is promised',
        load: () => import('./commands/overview-history.ts'),
      },
    },
  },
  approval: {
    summary: 'what takes a second person',
    commands: {
      list: { summary: 'list what waits', load: () => import('./commands/approval-list.ts') },
      show: { summary: 'show what would be agreed to', load: () => import('./commands/approval-show.ts') },
      approve: {
        summary: 'approve with a one-time code',
        load: () => import('./commands/approval-approve.ts'),
      },
      refuse: { summary: 'refuse, with the reason', load: () => import('./commands/approval-refuse.ts') },
      withdraw: {
        summary: 'withdraw what you asked for',
        load: () => import('./commands/approval-withdraw.ts'),
      },
    },
  },
  'approve-code': {
    summary: 'make a one-time code by which a person approves',
    load: () => import('./commands/approve-code.ts'),
  },
  attestation: {
    summary: 'what people sign',
    commands: {
      sign: { summary: 'sign that something was done', load: () => import('./commands/attestation-sign.ts') },
      list: { summary: 'list what was signed', load: () => import('./commands/attestation-list.ts') },
      withdraw: {
        summary: 'withdraw what was signed',
        load: () => import('./commands/attestation-withdraw.ts'),
      },
    },
  },
  account: {
    summary: 'customers',
    commands: {
      'sign-up': {
        summary: 'sign up a customer; their instance starts at once',
        load: () => import('./commands/account-sign-up.ts'),
      },
      list: { summary: 'list customers', load: () => import('./commands/account-list.ts') },
      show: {
        summary: 'show a customer and what happened to them',
        load: () => import('./commands/account-show.ts'),
      },
    },
  },
  instance: {
    summary: 'running copies of an app, one per customer',
    commands: {
      list: { summary: 'list instances', load: () => import('./commands/instance-list.ts') },
      show: { summary: 'show an instance', load: () => import('./commands/instance-show.ts') },
      open: {
        summary: 'print an instance’s address and open it',
        load: () => import('./commands/instance-open.ts'),
      },
      sleep: { summary: 'put an instance to sleep', load: () => import('./commands/instance-sleep.ts') },
      wake: { summary: 'wake an instance', load: () => import('./commands/instance-wake.ts') },
      suspend: {
        summary: 'stop an instance until it is resumed',
        load: () => import('./commands/instance-suspend.ts'),
      },
      resume: {
        summary: 'let a suspended instance run again',
        load: () => import('./commands/instance-resume.ts'),
      },
      destroy: {
        summary: 'destroy an instance for good',
        load: () => import('./commands/instance-destroy.ts'),
      },
      logs: { summary: 'print what an instance wrote', load: () => import('./commands/instance-logs.ts') },
    },
  },
  artefact: {
    summary: 'where customers’ data lie',
    commands: {
      list: { summary: 'list where every artefact lies', load: () => import('./commands/artefact-list.ts') },
    },
  },
  region: {
    summary: 'places where data may lie',
    commands: { list: { summary: 'list regions', load: () => import('./commands/region-list.ts') } },
  },
  app: {
    summary: 'applications and their releases',
    commands: {
      add: { summary: 'add a release of an app', load: () => import('./commands/app-add.ts') },
      list: { summary: 'list apps', load: () => import('./commands/app-list.ts') },
      check: { summary: 'check an app’s manifest', load: () => import('./commands/app-check.ts') },
    },
  },
  log: {
    summary: 'the tamper-evident log',
    commands: {
      tail: { summary: 'print the newest entries', load: () => import('./commands/log-tail.ts') },
      verify: { summary: 'check the whole log', load: () => import('./commands/log-verify.ts') },
      prove: { summary: 'export an entry with its proof', load: () => import('./commands/log-prove.ts') },
      witnesses: { summary: 'list who cosigns the log', load: () => import('./commands/log-witnesses.ts') },
    },
  },
  witness: {
    summary: 'a witness for logs, on any machine',
    commands: {
      init: { summary: 'make a witness', load: () => import('./commands/witness-init.ts') },
      run: { summary: 'run a witness', load: () => import('./commands/witness-run.ts') },
      key: { summary: 'print a witness’s public key', load: () => import('./commands/witness-key.ts') },
    },
  },
  token: {
    summary: 'tokens for programs',
    commands: {
      create: {
        summary: 'create a token; it is shown once',
        load: () => import('./commands/token-create.ts'),
      },
      list: { summary: 'list tokens', load: () => import('./commands/token-list.ts') },
      revoke: { summary: 'revoke a token', load: () => import('./commands/token-revoke.ts') },
    },
  },
  demo: {
    summary: 'break the demo world on purpose, mend it, turn its clock',
    commands: {
      status: { summary: 'show what is broken on purpose', load: () => import('./commands/demo-status.ts') },
      break: { summary: 'break a promise on purpose', load: () => import('./commands/demo-break.ts') },
      mend: { summary: 'mend what was broken', load: () => import('./commands/demo-mend.ts') },
      advance: { summary: 'advance the demo’s clock', load: () => import('./commands/demo-advance.ts') },
    },
  },
  person: {
    summary: 'who may sign in',
    commands: {
      list: {
        summary: 'list people, and what their passkeys lead back to',
        load: () => import('./commands/person-list.ts'),
      },
      vouch: {
        summary: 'vouch that a person’s passkeys are theirs and nobody else’s',
        load: () => import('./commands/person-vouch.ts'),
      },
    },
  },
  'sign-in-link': {
    summary: 'make a one-time link by which a person signs in to the console',
    load: () => import('./commands/sign-in-link.ts'),
  },
}

export function isGroup(found: Entry | Group): found is Group {
  return 'commands' in found
}
