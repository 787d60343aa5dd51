import { useEffect } from 'react'
import { queryClient } from '../data/api.ts'
import { PasskeyButton } from '../forms/passkey-button.tsx'
import { signInWithPasskey } from '../forms/passkeys.ts'
import { Command } from '../ui/command.tsx'
import { WithCode } from '../ui/states.tsx'
import { useWords } from '../words/language.ts'
import { signInWords } from '../words/sign-in.ts'

/** Stands at any address while nobody is signed in; signing in shows what was asked for. */
export function SignInPage() {
  const words = useWords(signInWords)
  useEffect(() => {
    document.title = `${words.title} · Borgen`
  }, [words.title])
  return (
    <div className="max-w-[480px] pt-8">
      <h1 className="mb-6 text-28">{words.title}</h1>
      <PasskeyButton run={signInWithPasskey} done={() => void queryClient.resetQueries()}>
        {words.passkey}
      </PasskeyButton>
      <h2 className="mt-12 mb-2 text-20">{words.noPasskey}</h2>
      <p className="mb-3">
        <WithCode text={words.link} />
      </p>
      <Command text="npx borgen sign-in-link --email you@example.com" />
    </div>
  )
}
