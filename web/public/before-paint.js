// Runs before the first paint, so that a chosen theme or language never flashes; the page's policy forbids inline scripts.
;(() => {
  try {
    const theme = localStorage.getItem('borgen.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
    const language = localStorage.getItem('borgen.language') ?? navigator.language.slice(0, 2)
    if (language === 'sv') document.documentElement.lang = 'sv'
  } catch {
    // Storage may be refused: the system's own choice holds.
  }
})()
