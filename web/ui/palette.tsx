import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useState } from 'react'
import { api } from '../data/api.ts'
import { promisesQuery } from '../data/promises.ts'
import { chooseLanguage, useLanguage, useWords } from '../words/language.ts'
import { paletteWords } from '../words/palette.ts'
import { shellWords } from '../words/shell.ts'
import { Mark } from './mark.tsx'
import type { PAGE_KEYS } from './shortcuts.ts'
import { chooseTheme, THEMES, useTheme } from './theme.ts'

type Group = 'page' | 'action' | 'promise' | 'account' | 'instance'
type Choice = { id: string; group: Group; says: string; aside?: string; mark?: React.ReactNode; run(): void }

const SHOWN = 12
const ENOUGH_LETTERS = 2

/** Goes to anything that has a name, and does what can be done from anywhere. */
export default function Palette({ onClose }: { onClose(): void }) {
  const words = useWords(paletteWords)
  const [text, setText] = useState('')
  const [marked, setMarked] = useState(0)
  const list = useId()
  const choices = useChoices(useDeferredValue(text))
  const at = Math.min(marked, choices.length - 1)

  const choose = (choice: Choice | undefined) => {
    if (!choice) return
    onClose()
    choice.run()
  }
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setMarked((at + step + choices.length) % Math.max(choices.length, 1))
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      choose(choices[at])
    }
  }
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-[light-dark(rgb(28_27_25/.4),rgb(0_0_0/.6))]" />
        <Dialog.Popup className="fixed inset-x-4 top-[12vh] z-30 mx-auto max-w-xl overflow-hidden rounded border border-line-strong bg-paper outline-none">
          <Dialog.Title className="sr-only">{words.title}</Dialog.Title>
          <input
            // biome-ignore lint/a11y/noAutofocus: it was opened to type in
            autoFocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={choices[at] ? `${list}-${at}` : undefined}
            aria-label={words.field}
            placeholder={words.field}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setMarked(0)
            }}
            onKeyDown={press}
            className="h-14 w-full border-b border-line bg-transparent px-5 text-16 outline-none placeholder:text-quiet"
          />
          <div
            id={list}
            role="listbox"
            aria-label={words.title}
            className="max-h-[56vh] overflow-y-auto py-2"
          >
            {choices.map((choice, index) => (
              <div key={choice.id}>
                {choice.group === choices[index - 1]?.group ? null : (
                  <p className="px-5 pt-2 pb-1 text-13 text-quiet" aria-hidden="true">
                    {words.groups[choice.group]}
                  </p>
                )}
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys */}
                <div
                  id={`${list}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === at}
                  onClick={() => choose(choice)}
                  onPointerMove={() => setMarked(index)}
                  className={`flex min-h-9 cursor-pointer items-center gap-3 px-5 text-14 ${index === at ? 'bg-accent text-on-accent' : ''}`}
                >
                  {choice.mark}
                  <span className="truncate">{choice.says}</span>
                  {choice.aside ? (
                    <span className={`ml-auto shrink-0 text-13 ${index === at ? '' : 'text-quiet'}`}>
                      {choice.aside}
                    </span>
                  ) : null}
                </div>
              </div>
            ))}
          </div>
          {choices.length === 0 ? <p className="px-5 pb-5 text-14 text-quiet">{words.none(text)}</p> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const PAGES = [
  ['/', 'board', 'b'],
  ['/accounts', 'accounts', 'c'],
  ['/instances', 'instances', 'i'],
  ['/regions', 'regions', 'r'],
  ['/log', 'log', 'l'],
  ['/approvals', 'approvals', 'a'],
  ['/overview', 'overview', 'o'],
  ['/attestations', 'attestations', ''],
  ['/people', 'people', 'p'],
  ['/settings', 'settings', 's'],
  ['/start', 'start', ''],
] as const satisfies readonly (readonly [string, string, keyof typeof PAGE_KEYS | ''])[]

function useChoices(text: string): Choice[] {
  const words = useWords(paletteWords)
  const shell = useWords(shellWords)
  const language = useLanguage()
  const theme = useTheme()
  const navigate = useNavigate()
  const promises = useQuery(promisesQuery).data
  const isAsking = text.trim().length >= ENOUGH_LETTERS
  const accounts = useQuery({
    queryKey: ['accounts', 'palette', text],
    queryFn: async () =>
      (await api.get('/v1/accounts', { params: { query: { q: text.trim(), limit: 6 } } })).items,
    enabled: isAsking,
    placeholderData: (before) => before,
  }).data
  const instances = useQuery({
    queryKey: ['instances', 'palette', text],
    queryFn: async () =>
      (await api.get('/v1/instances', { params: { query: { q: text.trim(), limit: 6 } } })).items,
    enabled: isAsking,
    placeholderData: (before) => before,
  }).data

  return useMemo(() => {
    const pages = PAGES.map(
      ([to, name, key]): Choice => ({
        id: to,
        group: 'page',
        says: shell.pages[name],
        ...(key === '' ? {} : { aside: `g ${key}` }),
        run: () => void navigate({ to }),
      }),
    )
    const actions: Choice[] = [
      {
        id: 'language',
        group: 'action',
        says: words.switchLanguage,
        run: () => chooseLanguage(language === 'en' ? 'sv' : 'en'),
      },
      ...THEMES.filter((one) => one !== theme).map(
        (one): Choice => ({
          id: `theme-${one}`,
          group: 'action',
          says: words.theme(shell.themes[one].toLocaleLowerCase(language)),
          run: () => chooseTheme(one),
        }),
      ),
    ]
    const made = (promises ?? []).map(
      (one): Choice => ({
        id: one.id,
        group: 'promise',
        says: one.title[language],
        aside: one.id,
        mark: <Mark verdict={one.verdict} />,
        run: () => void navigate({ to: '/promises/$promise', params: { promise: one.id } }),
      }),
    )
    const wanted = text.trim().toLocaleLowerCase(language)
    const fits = (choice: Choice) =>
      `${choice.says} ${choice.aside ?? ''}`.toLocaleLowerCase(language).includes(wanted)
    if (wanted === '') return [...pages, ...actions]
    return [
      ...[...pages, ...actions].filter(fits),
      ...made.filter(fits),
      ...(isAsking ? (accounts ?? []) : []).map(
        (one): Choice => ({
          id: one.id,
          group: 'account',
          says: one.company,
          aside: one.region,
          run: () => void navigate({ to: '/accounts/$account', params: { account: one.id } }),
        }),
      ),
      ...(isAsking ? (instances ?? []) : []).map(
        (one): Choice => ({
          id: one.id,
          group: 'instance',
          says: one.slug,
          aside: one.region,
          run: () => void navigate({ to: '/instances/$instance', params: { instance: one.id } }),
        }),
      ),
    ].slice(0, SHOWN * 2)
  }, [text, isAsking, accounts, instances, promises, language, theme, words, shell, navigate])
}
