import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/language.ts'
import { signInWords } from '../words/sign-in.ts'
import { attempt, type PasskeyTrouble, passkeysWork } from './passkeys.ts'

/** A button that runs a passkey ceremony and says in words what went wrong. */
export function PasskeyButton({
  run,
  done,
  kind = 'main',
  children,
}: {
  run(): Promise<unknown>
  done(): void
  kind?: 'main' | 'plain'
  children: string
}) {
  const words = useWords(signInWords)
  const [isBusy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<PasskeyTrouble>()
  const begin = async () => {
    setBusy(true)
    setTrouble(undefined)
    const found = await attempt(run)
    setBusy(false)
    if (found) setTrouble(found)
    else done()
  }
  const said =
    trouble?.kind === 'problem'
      ? `${trouble.problem.detail} ${trouble.problem.remedy ?? ''}`
      : trouble?.kind === 'refused'
        ? words.refused(trouble.said)
        : ''
  return (
    <div>
      <Button
        kind={kind}
        disabled={isBusy}
        why={passkeysWork() ? null : words.unsupported}
        onClick={() => void begin()}
      >
        {children}
      </Button>
      <p role="status" className={`max-w-[60ch] text-14 text-broken ${said === '' ? '' : 'mt-3'}`}>
        {said}
      </p>
      {passkeysWork() ? null : <p className="mt-3 text-14 text-quiet">{words.unsupported}</p>}
    </div>
  )
}
