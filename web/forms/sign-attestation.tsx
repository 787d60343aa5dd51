import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../data/api.ts'
import { refreshAfterDeciding } from '../data/approvals.ts'
import { promiseQuery, promisesQuery } from '../data/promises.ts'
import { meQuery } from '../data/session.ts'
import { Button } from '../ui/button.tsx'
import { ChoiceField, Field, TextField } from '../ui/field.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { tell } from '../ui/tell.ts'
import { attestationWords } from '../words/attestations.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { worldNow } from '../words/times.ts'

const FILE_LIMIT_BYTES = 512 * 1024
const DAY_MS = 86_400_000
const USUAL_DAYS = 180
const MOST_DAYS = 365

const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** Signs for a promise or a part of it; it counts once a second person has approved. */
export function SignAttestation({ promise: given }: { promise: string | undefined }) {
  const words = useWords(attestationWords)
  const language = useLanguage()
  const navigate = useNavigate()
  const me = useQuery(meQuery).data
  const promises = useQuery(promisesQuery).data ?? []
  const promise = given ?? ''
  const [part, setPart] = useState('')
  const [subject, setSubject] = useState('')
  const [statement, setStatement] = useState('')
  const [file, setFile] = useState<File>()
  const [expires, setExpires] = useState(() => dateOf(worldNow() + USUAL_DAYS * DAY_MS))
  const detail = useQuery({ ...promiseQuery(promise), enabled: promise !== '' }).data
  const isTooLarge = file !== undefined && file.size > FILE_LIMIT_BYTES
  const send = useMutation({
    mutationFn: async () =>
      api.post('/v1/attestations', {
        body: {
          promise,
          subject: subject.trim(),
          statement: statement.trim(),
          expiresAt: Date.parse(`${expires}T12:00:00Z`),
          ...(part === '' ? {} : { part }),
          ...(file ? { evidence: { name: file.name, base64: await base64Of(file) } } : {}),
        },
      }),
    onSuccess: () => {
      tell(words.asked)
      setSubject('')
      setStatement('')
      setFile(undefined)
      void refreshAfterDeciding()
    },
  })
  const why = me?.may.includes('attestation.sign') ? null : words.mayNot
  return (
    <form
      className="max-w-[560px]"
      onSubmit={(event) => {
        event.preventDefault()
        if (!why && !isTooLarge) send.mutate()
      }}
    >
      <ChoiceField
        label={words.promise}
        value={promise}
        required
        onChange={(event) => {
          setPart('')
          void navigate({
            to: '/attestations',
            search: { promise: event.target.value },
            replace: true,
            resetScroll: false,
          })
        }}
      >
        <option value="" />
        {promises.map((one) => (
          <option key={one.id} value={one.id}>
            {one.number}. {one.title[language]}
          </option>
        ))}
      </ChoiceField>
      <ChoiceField label={words.part} value={part} onChange={(event) => setPart(event.target.value)}>
        <option value="">{words.whole}</option>
        {detail?.parts.map((one) => (
          <option key={one.id} value={one.id}>
            {one.title[language]}
          </option>
        ))}
      </ChoiceField>
      <Field
        label={words.subject}
        hint={words.subjectHint}
        value={subject}
        required
        maxLength={200}
        onChange={(event) => setSubject(event.target.value)}
      />
      <TextField
        label={words.statement}
        value={statement}
        required
        rows={4}
        maxLength={4000}
        onChange={(event) => setStatement(event.target.value)}
      />
      <Field
        label={words.file}
        type="file"
        error={isTooLarge ? words.fileTooLarge : undefined}
        onChange={(event) => setFile(event.target.files?.[0])}
      />
      <Field
        label={words.expires}
        type="date"
        required
        value={expires}
        min={dateOf(worldNow() + DAY_MS)}
        max={dateOf(worldNow() + MOST_DAYS * DAY_MS)}
        onChange={(event) => setExpires(event.target.value)}
      />
      <Button type="submit" kind="main" why={why} disabled={!why && send.isPending}>
        {words.submit}
      </Button>
      {why ? <p className="mt-2 text-14 text-quiet">{why}</p> : null}
      {send.error ? <ProblemNote error={send.error} /> : null}
    </form>
  )
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
