/** Text that is safe in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** Markup whose values are escaped; only nested `html` is let through as it is. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export function html(
  strings: TemplateStringsArray,
  ...values: (Html | Html[] | string | number | null)[]
): Html {
  const parts = strings.map((text, at) => {
    const value = values[at]
    if (value === undefined || value === null) return text
    if (value instanceof Html) return text + value.text
    if (Array.isArray(value)) return text + value.map((one) => one.text).join('')
    return text + escapeHtml(String(value))
  })
  return new Html(parts.join(''))
}
