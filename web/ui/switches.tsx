import { chooseLanguage, useLanguage, useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'
import { chooseTheme, THEMES, useTheme } from './theme.ts'

const look = 'min-h-8 px-2 text-14 text-quiet hover:text-ink whitespace-nowrap'

/** Leads to the other language, in that language. */
export function LanguageSwitch() {
  const words = useWords(shellWords)
  const other = useLanguage() === 'en' ? 'sv' : 'en'
  return (
    <button type="button" lang={other} className={look} onClick={() => chooseLanguage(other)}>
      {words.otherLanguage}
    </button>
  )
}

/** As the system, light, dark, and round again; a half disc shows which. */
export function ThemeSwitch() {
  const words = useWords(shellWords)
  const theme = useTheme()
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!
  return (
    <button
      type="button"
      className={`${look} flex items-center`}
      onClick={() => chooseTheme(next)}
      aria-label={`${words.theme}: ${words.themes[theme]}`}
      title={`${words.theme}: ${words.themes[theme]}`}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
        {theme === 'dark' ? <circle cx="8" cy="8" r="6" fill="currentColor" /> : null}
        {theme === 'system' ? <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" /> : null}
      </svg>
    </button>
  )
}
