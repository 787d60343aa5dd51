import { copyFileSync } from 'node:fs'
import {
  appendFile,
  chmod,
  mkdir,
  open,
  rename,
  rmdir,
  symlink,
  truncate,
  unlink,
  utimes,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/*
 * Tries to alter and to delete one planted file, as whoever it is started as, in every way there is; prints one JSON document.
 *   node alter-attempts.ts PATH          the file itself
 *   node alter-attempts.ts PATH --copy   a copy of it beside it, which this user makes first: the positive control
 * What succeeds and can be undone is undone; deleting comes last.
 */
const [, , planted = '', isControl] = process.argv
const path = isControl === '--copy' ? `${planted}.control-${process.pid}` : planted
if (path !== planted) copyFileSync(planted, path)
const folder = dirname(path)
const mine = join(folder, `probe-${process.pid}`)

const attempts: Record<string, () => Promise<unknown>> = {
  'open for writing': async () => (await open(path, 'r+')).close(),
  'write over its beginning': async () => {
    const file = await open(path, 'r+')
    await file.write(Buffer.from('altered'), 0, 7, 0)
    await file.close()
  },
  append: () => appendFile(path, 'x'),
  truncate: () => truncate(path, 8),
  'change its mode': () => chmod(path, 0o600),
  'change its times': () => utimes(path, 1, 1),
  'make a file beside it': async () => {
    await (await open(mine, 'wx')).close()
    await unlink(mine)
  },
  'make a folder beside it': async () => {
    await mkdir(mine)
    await rmdir(mine)
  },
  'make a link beside it': async () => {
    await symlink(basename(path), mine)
    await unlink(mine)
  },
  'rename it': async () => {
    await rename(path, `${path}.away`)
    await rename(`${path}.away`, path)
  },
  delete: () => unlink(path),
}

const tries: { attempt: string; outcome: string }[] = []
for (const [attempt, act] of Object.entries(attempts)) {
  const outcome = await act().then(
    () => 'done',
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'failed',
  )
  tries.push({ attempt, outcome })
}
process.stdout.write(JSON.stringify({ uid: process.getuid?.() ?? -1, tries }))
