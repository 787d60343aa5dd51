/**
 * Dies here, as by kill -9, when a test asked for this step by BORGEN_CRASH_AT; nothing otherwise. The names are the
 * steps of starting and destroying, so that a test can die at each of them.
 */
export function crashPoint(step: CrashStep): void {
  if (process.env.BORGEN_CRASH_AT === step) process.kill(process.pid, 'SIGKILL')
}

export const crashSteps = {
  provision: ['slot.uid', 'slot.folders', 'slot.copied', 'slot.password', 'slot.marked', 'instance.renamed'],
  start: [
    'start.published',
    'start.launched',
    'start.database-ready',
    'start.gone',
    'start.healthy',
    'start.recorded',
  ],
  stop: ['stop.app', 'stop.database', 'stop.recorded'],
  destroy: ['destroy.marked', 'destroy.stopped', 'destroy.renamed', 'destroy.unpublished'],
} as const
export type CrashStep = (typeof crashSteps)[keyof typeof crashSteps][number]
