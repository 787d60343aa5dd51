import { Link } from '@tanstack/react-router'
import { PageFrame } from '../ui/page-frame.tsx'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'

/** For an address that begins like a page and is none. */
export function MissingPage() {
  const words = useWords(shellWords)
  return (
    <PageFrame title={words.nothingHere} lead={words.nothingHereRemedy}>
      <Link to="/">{words.toBoard}</Link>
    </PageFrame>
  )
}
