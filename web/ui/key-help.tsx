import { useWords } from '../words/language.ts'
import { paletteWords } from '../words/palette.ts'
import { shellWords } from '../words/shell.ts'
import { Dialog } from './dialog.tsx'
import type { PAGE_KEYS } from './shortcuts.ts'

const NAME_OF = {
  b: 'board',
  c: 'accounts',
  i: 'instances',
  r: 'regions',
  l: 'log',
  a: 'approvals',
  o: 'overview',
  p: 'people',
  s: 'settings',
} as const satisfies Record<keyof typeof PAGE_KEYS, string>

/** Every key that the console knows. */
export default function KeyHelp({ onClose }: { onClose(): void }) {
  const words = useWords(paletteWords)
  const shell = useWords(shellWords)
  const rows: [string[], string][] = [
    [['Ctrl', 'K'], words.keys.search],
    [['?'], words.keys.help],
    [['←', '→', '↑', '↓'], words.keys.arrows],
    [['Enter'], words.keys.enter],
    [['Esc'], words.keys.escape],
    [['g'], words.keys.chord],
    ...Object.entries(NAME_OF).map(([key, name]): [string[], string] => [['g', key], shell.pages[name]]),
  ]
  return (
    <Dialog isOpen onClose={onClose} title={words.keysTitle}>
      <dl className="text-14">
        {rows.map(([keys, says]) => (
          <div key={keys.join(' ')} className="grid grid-cols-[128px_1fr] border-t border-line py-2">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className="min-w-6 rounded border border-line-strong px-1.5 text-center">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
