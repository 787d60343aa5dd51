import type { ErrorComponentProps } from '@tanstack/react-router'
import { PageFrame } from '../ui/page-frame.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'

/** In the place of a page that could not be shown; the rest of the console stays. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const words = useWords(shellWords)
  return (
    <PageFrame title={words.failed}>
      <ProblemNote error={error} retry={reset} />
    </PageFrame>
  )
}
