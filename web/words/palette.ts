import { declareWords } from './language.ts'

export const paletteWords = declareWords(
  {
    title: 'Go to …',
    field: 'Page, promise, customer, instance or action',
    none: (text: string) => `Nothing is called “${text}”.`,
    groups: {
      page: 'Pages',
      action: 'Actions',
      promise: 'Promises',
      account: 'Customers',
      instance: 'Instances',
    },
    switchLanguage: 'På svenska',
    theme: (theme: string) => `Appearance: ${theme}`,
    signOut: 'Sign out',
    keysTitle: 'Keys',
    keys: {
      search: 'go to anything',
      help: 'this list',
      chord: 'then a letter: go to a page',
      arrows: 'move between stones or rows',
      enter: 'open what is marked',
      escape: 'close what is open',
    },
  },
  {
    title: 'Gå till …',
    field: 'Sida, löfte, kund, instans eller åtgärd',
    none: (text: string) => `Inget heter ”${text}”.`,
    groups: {
      page: 'Sidor',
      action: 'Åtgärder',
      promise: 'Löften',
      account: 'Kunder',
      instance: 'Instanser',
    },
    switchLanguage: 'In English',
    theme: (theme: string) => `Utseende: ${theme}`,
    signOut: 'Logga ut',
    keysTitle: 'Tangenter',
    keys: {
      search: 'gå vart som helst',
      help: 'den här listan',
      chord: 'och sedan en bokstav: gå till en sida',
      arrows: 'flytta mellan stenar eller rader',
      enter: 'öppna det markerade',
      escape: 'stäng det som är öppet',
    },
  },
)
