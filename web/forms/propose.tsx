import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { api } from '../data/api.ts'
import { refreshAfterDeciding } from '../data/approvals.ts'
import { meQuery } from '../data/session.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { tell } from '../ui/tell.ts'
import { YamlProblems } from '../ui/yaml-problems.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { overviewWords } from '../words/overview.ts'

const PAUSE_MS = 300
const START = 'overview: 1\npromises: {}\n'

/** Writes a proposal with its problems by line and what it would change; sending it asks for an approval. */
export function ProposeForm({ inForce }: { inForce: string }) {
  const words = useWords(overviewWords)
  const language = useLanguage()
  const navigate = useNavigate()
  const me = useQuery(meQuery).data
  const [text, setText] = useState(inForce === '' ? START : inForce)
  const settled = useSettled(useDeferredValue(text))
  const area = useRef<HTMLTextAreaElement>(null)
  const check = useQuery({
    queryKey: ['overview-check', settled],
    queryFn: () => api.post('/v1/overview/check', { body: { overview: settled } }),
    placeholderData: (before) => before,
  })
  const send = useMutation({
    mutationFn: () => api.post('/v1/overview/proposals', { body: { overview: text } }),
    onSuccess: ({ approval }) => {
      tell(words.proposed)
      void refreshAfterDeciding()
      void navigate({ to: '/approvals', hash: approval.id })
    },
  })
  const goTo = (line: number) => {
    const from =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0)
    const end = text.indexOf('\n', from)
    area.current?.focus()
    area.current?.setSelectionRange(from, end < 0 ? text.length : end)
  }
  const checked = check.data
  const isOld = settled !== text || check.isFetching
  const why = me?.may.includes('overview.propose') ? null : words.mayNot
  const canSend = checked?.ok === true && checked.changes.length > 0 && !isOld
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (canSend) send.mutate()
      }}
      className="grid grid-cols-1 gap-x-16 lg:grid-cols-2"
    >
      <div className="min-w-0">
        <p className="mb-4 max-w-[60ch] text-14 text-quiet">{words.proposeLead}</p>
        <TextField
          ref={area}
          label={words.text}
          value={text}
          rows={Math.min(24, Math.max(10, text.split('\n').length + 1))}
          spellCheck={false}
          className="font-mono text-14"
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" kind="main" why={why} disabled={!why && (!canSend || send.isPending)}>
          {words.submit}
        </Button>
        {why ? <p className="mt-2 text-14 text-quiet">{why}</p> : null}
        {send.error ? <ProblemNote error={send.error} /> : null}
      </div>
      <div aria-live="polite" className="min-w-0 text-14 max-lg:mt-6">
        {!checked ? (
          <p className="text-quiet">{words.checking}</p>
        ) : (
          <>
            {checked.ok ? (
              <p className={isOld ? 'text-quiet' : ''}>
                <strong>{words.fine}</strong> {checked.changes.length === 0 ? words.noChange : ''}
              </p>
            ) : null}
            <YamlProblems problems={checked.problems} onGo={goTo} />
            {checked.warnings.length > 0 ? <p className="mt-3 text-quiet">{words.warning}</p> : null}
            <YamlProblems problems={checked.warnings} isMild onGo={goTo} />
            {checked.changes.length > 0 ? (
              <>
                <h3 className="mt-4 text-quiet">{words.wouldChange}</h3>
                <ul className="mt-1 border-l-2 border-accent pl-4 text-16">
                  {checked.changes.map((change) => (
                    <li key={`${change.promise} ${change.what} ${change.parameter}`} className="py-1">
                      {change.sentence[language]}
                    </li>
                  ))}
                </ul>
              </>
            ) : null}
          </>
        )}
        {check.error ? <ProblemNote error={check.error} /> : null}
      </div>
    </form>
  )
}

/** What stood still for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
