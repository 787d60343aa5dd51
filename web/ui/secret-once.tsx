import { useWords } from '../words/language.ts'
import { peopleWords } from '../words/people.ts'
import { Button } from './button.tsx'
import { tell } from './tell.ts'

/** Something that is shown this once: to be copied, then gone. */
export function SecretOnce({ says, secret, onDone }: { says: string; secret: string; onDone(): void }) {
  const words = useWords(peopleWords)
  const copy = async () => {
    await navigator.clipboard.writeText(secret)
    tell(words.copied)
  }
  return (
    <div role="status" className="mt-4 border-l-2 border-accent py-1 pl-4">
      <p className="max-w-[68ch]">{says}</p>
      <code className="mt-3 block bg-sunk px-4 py-3 text-14 break-all select-all">{secret}</code>
      <div className="mt-3 flex gap-3">
        <Button size="small" kind="main" onClick={() => void copy()}>
          {words.copy}
        </Button>
        <Button size="small" kind="quiet" onClick={onDone}>
          {words.done}
        </Button>
      </div>
    </div>
  )
}
