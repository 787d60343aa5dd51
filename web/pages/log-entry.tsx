import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { checkEntry, type EntryCheck } from '../data/check-entry.ts'
import { type ExportedEntry, entryQuery } from '../data/log.ts'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/command.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Facts } from '../ui/facts.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { logWords } from '../words/log.ts'
import { localeOf, sayNumber } from '../words/times.ts'

/** One entry of the log: what it says, its proof recomputed here, and both to take away. */
export function LogEntryDialog({ index, onClose }: { index: number; onClose(): void }) {
  const words = useWords(logWords)
  const language = useLanguage()
  const { data, error } = useQuery(entryQuery(index))
  return (
    <Dialog isOpen onClose={onClose} title={words.entry(sayNumber(index, language))} isWide>
      {error ? <ProblemNote error={error} /> : data === undefined ? <LoadingLines count={6} /> : null}
      {data ? <Shown entry={data} /> : null}
    </Dialog>
  )
}

type Header = {
  stream: keyof (typeof logWords)['en']['streams']
  subject: string
  region: string
  time: number
  type: string
}

function Shown({ entry }: { entry: ExportedEntry }) {
  const words = useWords(logWords)
  const language = useLanguage()
  const header = JSON.parse(entry.leaf) as Header
  const written = new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeStyle: 'medium' })
  return (
    <>
      <Facts
        items={[
          [words.columns.type, <code key="type">{header.type}</code>],
          [words.time, written.format(header.time)],
          [words.columns.stream, words.streams[header.stream]],
          [words.columns.subject, <code key="subject">{header.subject}</code>],
          [words.region, header.region],
        ]}
      />
      <h3 className="mt-6 mb-2 text-16">{words.event}</h3>
      {entry.event === null ? (
        <p className="text-quiet">{words.erased}</p>
      ) : (
        <pre
          // A region that scrolls must be reachable by keyboard.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
          tabIndex={0}
          className="max-h-[36vh] overflow-auto border-l-2 border-line-strong bg-sunk px-4 py-3 text-13 break-words whitespace-pre-wrap"
        >
          {JSON.stringify(JSON.parse(entry.event), null, 2)}
        </pre>
      )}
      <h3 className="mt-6 mb-2 text-16">{words.proof}</h3>
      <Proof entry={entry} />
    </>
  )
}

function Proof({ entry }: { entry: ExportedEntry }) {
  const words = useWords(logWords)
  const language = useLanguage()
  const [check, setCheck] = useState<EntryCheck>()
  useEffect(() => {
    let isGone = false
    void checkEntry(entry).then((seen) => !isGone && setCheck(seen))
    return () => {
      isGone = true
    }
  }, [entry])
  if (!check) return <p className="text-quiet">{words.checking}</p>
  const name = `entry-${entry.index}.json`
  const { isContentTrue, isInTree, size, root } = check
  return (
    <>
      <ul className="text-14">
        <Line isTrue={isInTree}>{isInTree ? words.inTree(sayNumber(size, language)) : words.notInTree}</Line>
        <Line isTrue={isContentTrue}>
          {isContentTrue === null
            ? words.contentErased
            : isContentTrue
              ? words.contentTrue
              : words.contentFalse}
        </Line>
      </ul>
      <p className="mt-2 text-13 text-quiet">
        {words.computed} {words.root}: <code className="break-all">{root}</code>
      </p>
      <div className="mt-4 mb-4">
        <Button size="small" kind="main" onClick={() => save(name, entry)}>
          {words.download}
        </Button>
      </div>
      <p className="mb-2 text-14 text-quiet">{words.offline}</p>
      <Command text={`npx borgen-verify entry ${name} --key ./log.vkey`} />
    </>
  )
}

function Line({ isTrue, children }: { isTrue: boolean | null; children: string }) {
  return (
    <li className={`flex items-baseline gap-2.5 py-0.5 ${isTrue === false ? 'text-broken' : ''}`}>
      <svg viewBox="0 0 12 12" width="11" height="11" aria-hidden="true" className="shrink-0">
        <path
          d={isTrue === null ? 'M1 6h10' : isTrue ? 'M1 6.5L4.5 10L11 2' : 'M2 2l8 8M10 2l-8 8'}
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          className={isTrue ? 'text-kept' : ''}
        />
      </svg>
      {children}
    </li>
  )
}

function save(name: string, entry: ExportedEntry): void {
  const url = URL.createObjectURL(
    new Blob([`${JSON.stringify(entry, null, 2)}\n`], { type: 'application/json' }),
  )
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
