import { useState } from 'preact/hooks'

const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const KEY = 'crm:theme'

function kept(): Theme {
  const theme = localStorage.getItem(KEY)
  return THEMES.find((name) => name === theme) ?? 'auto'
}

function apply(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export const applyTheme = (): void => apply(kept())

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(kept)
  const next = () => {
    const following = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
    localStorage.setItem(KEY, following)
    apply(following)
    setTheme(following)
  }
  return [theme, next]
}
