import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import {
  type Approval,
  approveWithCode,
  approveWithPasskey,
  refreshAfterDeciding,
  refuse,
  withdraw,
} from '../data/approvals.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextField } from '../ui/field.tsx'
import { ProblemNote, WithCode } from '../ui/states.tsx'
import { tell } from '../ui/tell.ts'
import { approvalWords } from '../words/approvals.ts'
import { useWords } from '../words/language.ts'
import { PasskeyButton } from './passkey-button.tsx'

/** Approve with a fresh passkey or a one-time code, refuse with a reason, or take back what one asked for oneself. */
export function DecideForm({ approval, isMine }: { approval: Approval; isMine: boolean }) {
  const words = useWords(approvalWords)
  const [open, setOpen] = useState<'code' | 'refuse'>()
  const done = (said: string) => {
    tell(said)
    void refreshAfterDeciding()
  }
  const take = useMutation({ mutationFn: () => withdraw(approval), onSuccess: () => done(words.withdrawn) })
  return (
    <div>
      {approval.mayDecide ? (
        <>
          {approval.alone ? <p className="mb-3 text-14 text-quiet">{words.aloneNote}</p> : null}
          <PasskeyButton run={() => approveWithPasskey(approval)} done={() => done(words.approved)}>
            {approval.alone ? words.alone : words.passkey}
          </PasskeyButton>
        </>
      ) : (
        <p className="text-14 text-quiet">
          {approval.why} {approval.remedy ? <WithCode text={approval.remedy} /> : null}
        </p>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        {approval.mayDecide || approval.codeOnly ? (
          <>
            <Button size="small" aria-expanded={open === 'code'} onClick={() => setOpen('code')}>
              {approval.mayDecide ? words.codeShow : words.codeHave}
            </Button>
            <Button
              size="small"
              kind="danger"
              aria-expanded={open === 'refuse'}
              onClick={() => setOpen('refuse')}
            >
              {words.refuse}
            </Button>
          </>
        ) : null}
        {isMine ? (
          <Button size="small" disabled={take.isPending} onClick={() => take.mutate()}>
            {words.withdraw}
          </Button>
        ) : null}
      </div>
      {take.error ? <ProblemNote error={take.error} /> : null}
      {open === 'code' ? (
        <CodeForm approval={approval} done={() => done(words.approved)} cancel={() => setOpen(undefined)} />
      ) : null}
      {open === 'refuse' ? (
        <RefuseForm approval={approval} done={() => done(words.refused)} cancel={() => setOpen(undefined)} />
      ) : null}
    </div>
  )
}

type FormProps = { approval: Approval; done(): void; cancel(): void }

function CodeForm({ approval, done, cancel }: FormProps) {
  const words = useWords(approvalWords)
  const [code, setCode] = useState('')
  const send = useMutation({ mutationFn: () => approveWithCode(approval, code.trim()), onSuccess: done })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form onSubmit={submit} className="mt-5">
      <Field
        label={words.code}
        hint={<WithCode text={words.codeHint.replace('ID', approval.id)} />}
        value={code}
        autoComplete="one-time-code"
        required
        onChange={(event) => setCode(event.target.value)}
      />
      <Buttons says={words.codeDo} isBusy={send.isPending} cancel={cancel} />
      {send.error ? <ProblemNote error={send.error} /> : null}
    </form>
  )
}

function RefuseForm({ approval, done, cancel }: FormProps) {
  const words = useWords(approvalWords)
  const [reason, setReason] = useState('')
  const send = useMutation({ mutationFn: () => refuse(approval, reason.trim()), onSuccess: done })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form onSubmit={submit} className="mt-5">
      <TextField
        label={words.refuseReason}
        hint={words.refuseHint}
        rows={3}
        value={reason}
        required
        onChange={(event) => setReason(event.target.value)}
      />
      <Buttons says={words.refuseDo} isBusy={send.isPending} cancel={cancel} />
      {send.error ? <ProblemNote error={send.error} /> : null}
    </form>
  )
}

function Buttons({ says, isBusy, cancel }: { says: string; isBusy: boolean; cancel(): void }) {
  const words = useWords(approvalWords)
  return (
    <div className="mb-3 flex gap-2">
      <Button type="submit" size="small" kind="main" disabled={isBusy}>
        {says}
      </Button>
      <Button size="small" kind="quiet" onClick={cancel}>
        {words.cancel}
      </Button>
    </div>
  )
}
