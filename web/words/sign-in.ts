import { declareWords } from './language.ts'

export const signInWords = declareWords(
  {
    title: 'Sign in to the console',
    passkey: 'Sign in with a passkey',
    noPasskey: 'No passkey yet?',
    link: 'Open a link that works once. `borgen up` printed one when it started; this command makes another:',
    unsupported: 'This browser cannot use passkeys here. Use a one-time link.',
    refused: (said: string) =>
      `The browser refused (${said}). Browsers refuse passkeys on a certificate that they do not trust: trust ca.crt of the data folder as an authority, or use a one-time link.`,
  },
  {
    title: 'Logga in i konsolen',
    passkey: 'Logga in med lösennyckel',
    noPasskey: 'Ingen lösennyckel än?',
    link: 'Öppna en länk som gäller en gång. `borgen up` skrev ut en vid starten; det här kommandot gör en till:',
    unsupported: 'Den här webbläsaren kan inte använda lösennycklar här. Använd en engångslänk.',
    refused: (said: string) =>
      `Webbläsaren sade nej (${said}). Webbläsare vägrar lösennycklar när de inte litar på certifikatet: lita på ca.crt i datamappen som utfärdare, eller använd en engångslänk.`,
  },
)
