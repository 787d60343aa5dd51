import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'

/** Says that nothing here is real. */
export default function DemoBanner() {
  const words = useWords(shellWords)
  return (
    <aside aria-label={words.demoWorld} className="border-b border-line bg-sunk">
      <div className="mx-auto flex min-h-10 max-w-[1360px] flex-wrap items-center gap-x-6 px-4 py-1 text-14 md:px-8">
        <strong>{words.demoWorld}</strong>
      </div>
    </aside>
  )
}
