import { Link } from '@tanstack/react-router'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'

const PAGES = [
  ['/', 'board'],
  ['/accounts', 'accounts'],
  ['/instances', 'instances'],
  ['/regions', 'regions'],
  ['/log', 'log'],
  ['/approvals', 'approvals'],
  ['/overview', 'overview'],
  ['/people', 'people'],
] as const

/** Links to the pages that everything hangs from. */
export function MainPages({ className, onGo }: { className: string; onGo?(): void }) {
  const words = useWords(shellWords)
  const look = onGo ? 'py-2.5 text-20 border-b border-line' : 'px-2 py-1.5 text-14'
  return (
    <nav aria-label={words.navigation} className={className}>
      {PAGES.map(([to, name]) => (
        <Link
          key={to}
          to={to}
          {...(onGo ? { onClick: onGo } : {})}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          className={`${look} whitespace-nowrap no-underline hover:text-ink`}
          activeProps={{ className: 'text-ink font-semibold' }}
          inactiveProps={{ className: 'text-quiet' }}
        >
          {words.pages[name]}
        </Link>
      ))}
    </nav>
  )
}
