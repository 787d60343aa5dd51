import { createHash } from 'node:crypto'

/** What the edge itself has to say to a client, in place of an answer from behind. */
export type Notice = {
  status: number
  /** Key of the words below. */
  about: keyof typeof words
  /** A sentence from the plane about this instance, shown as it is. */
  reason?: string
  retryAfterSeconds?: number
}

type Language = 'en' | 'sv'

const words = {
  waking: {
    en: ['Starting', 'Your application is waking up. This page continues by itself.'],
    sv: ['Startar', 'Din applikation vaknar. Sidan fortsätter av sig själv.'],
  },
  unavailable: {
    en: ['Not answering', 'The application does not answer right now. Try again in a moment.'],
    sv: ['Svarar inte', 'Applikationen svarar inte just nu. Försök igen om en stund.'],
  },
  failed: {
    en: ['Did not start', 'The application could not be started. Its operator has been told.'],
    sv: ['Startade inte', 'Applikationen kunde inte startas. Den som sköter driften har fått veta det.'],
  },
  suspended: {
    en: ['Suspended', 'This instance is suspended. Its data is kept. Your vendor can tell you more.'],
    sv: ['Avstängd', 'Den här instansen är avstängd. Data finns kvar. Leverantören vet mer.'],
  },
  unknown: {
    en: ['Nothing here', 'There is nothing at this address. Check the spelling.'],
    sv: ['Inget här', 'Det finns inget på den här adressen. Kontrollera stavningen.'],
  },
  misdirected: {
    en: ['Wrong connection', 'This connection belongs to another address. Open the address anew.'],
    sv: ['Fel anslutning', 'Anslutningen hör till en annan adress. Öppna adressen på nytt.'],
  },
  refused: {
    en: ['Refused', 'The request is malformed and was not passed on.'],
    sv: ['Nekad', 'Anropet är felaktigt och skickades inte vidare.'],
  },
  broken: {
    en: ['No proper answer', 'The application answered in a way that could not be passed on.'],
    sv: ['Inget riktigt svar', 'Applikationen svarade på ett sätt som inte gick att skicka vidare.'],
  },
  slow: {
    en: ['No answer in time', 'The application took too long to answer.'],
    sv: ['Inget svar i tid', 'Applikationen tog för lång tid på sig att svara.'],
  },
  busy: {
    en: ['Too busy', 'There are too many requests at once. Try again in a moment.'],
    sv: ['För mycket på gång', 'Det är för många anrop på en gång. Försök igen om en stund.'],
  },
} as const satisfies Record<string, Record<Language, readonly [string, string]>>

const style = `:root{color-scheme:light dark;--paper:#f6f4ee;--ink:#1b1d1a;--quiet:#62665e;--line:#d9d5c8;--accent:#1d5c47}
@media(prefers-color-scheme:dark){:root{--paper:#141613;--ink:#ebe8df;--quiet:#9a9d94;--line:#31352f;--accent:#7cc0a4}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;padding:24px}main{width:100%;max-width:480px;border-top:1px solid var(--line);padding-top:24px}
h1{font-size:28px;line-height:1.2;font-weight:600;margin:0 0 12px}p{margin:0 0 12px}.quiet{color:var(--quiet);font-size:14px;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.wall{display:grid;grid-template-columns:repeat(6,1fr);gap:4px;margin:0 0 24px;width:144px}
.wall i{height:12px;background:var(--accent);border-radius:1px}.wall i.o{background:none;border:1px solid var(--line)}`

/** Lets the page's own style through and nothing else: no script, no request anywhere. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The headers and body of a notice: a page for browsers, problem JSON (RFC 9457) for everyone else. */
export function renderNotice(
  notice: Notice,
  reader: { accept: string; acceptLanguage: string; host: string },
): { fields: string[]; body: Buffer } {
  const language = languageOf(reader.acceptLanguage)
  const [title, sentence] = words[notice.about][language]
  const page = reader.accept.includes('text/html')
  const text = page
    ? pageOf(notice, language, title, sentence, reader.host)
    : JSON.stringify({
        type: 'about:blank',
        title,
        status: notice.status,
        detail: notice.reason ? `${sentence} ${notice.reason}` : sentence,
      })
  const body = Buffer.from(text)
  const fields = [
    'content-type',
    page ? 'text/html; charset=utf-8' : 'application/problem+json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    'content-security-policy',
    policy,
    'x-content-type-options',
    'nosniff',
    'referrer-policy',
    'no-referrer',
    'vary',
    'accept, accept-language',
  ]
  if (page) fields.push('content-language', language)
  if (notice.retryAfterSeconds !== undefined) fields.push('retry-after', String(notice.retryAfterSeconds))
  return { fields, body }
}

/** English unless Swedish is wanted more (RFC 9110, 12.5.4). */
export function languageOf(acceptLanguage: string): Language {
  let [en, sv] = [0, 0]
  for (const range of acceptLanguage.toLowerCase().split(',').slice(0, 20)) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    const quality = weight === undefined ? 1 : Number(weight.slice(2)) || 0
    if (tag === 'sv' || tag.startsWith('sv-')) sv = Math.max(sv, quality)
    if (tag === 'en' || tag.startsWith('en-')) en = Math.max(en, quality)
  }
  return sv > en ? 'sv' : 'en'
}

function pageOf(notice: Notice, language: Language, title: string, sentence: string, host: string): string {
  const waits = notice.about === 'waking'
  const stones = [...'........o..o']
    .map((stone) => (stone === 'o' ? '<i class="o"></i>' : '<i></i>'))
    .join('')
  const reason = notice.reason ? `<p>${escapeHtml(notice.reason)}</p>` : ''
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">${waits ? '<meta http-equiv="refresh" content="1">' : ''}<title>${title}</title><style>${style}</style></head>
<body><main><div class="wall" aria-hidden="true">${stones}</div><h1>${title}</h1><p>${sentence}</p>${reason}
<p class="quiet">${escapeHtml(host)} · ${notice.status}</p></main></body></html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
