import { Dialog } from '@base-ui/react/dialog'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Me } from '../data/session.ts'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'
import { MainPages } from './navigation.tsx'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'

/** All of it behind one button, where the screen is narrow. */
export default function PhoneMenu({
  me,
  onSearch,
  className,
}: {
  me: Me
  onSearch(): void
  className: string
}) {
  const words = useWords(shellWords)
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger className={`min-h-11 px-2 text-16 ${className}`}>{words.menu}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Popup className="fixed inset-0 z-30 flex flex-col overflow-y-auto bg-paper px-4 pt-3 pb-8 outline-none">
          <div className="flex items-center justify-between">
            <Dialog.Title className="text-20">{words.navigation}</Dialog.Title>
            <Dialog.Close className="min-h-11 px-2">{words.close}</Dialog.Close>
          </div>
          <MainPages className="mt-4 flex flex-col" onGo={close} />
          <Link
            to="/settings"
            onClick={close}
            className="border-b border-line py-2.5 text-20 text-quiet no-underline"
          >
            {words.pages.settings}
          </Link>
          <button
            type="button"
            className="mt-6 min-h-11 rounded border border-line-strong text-left text-16 px-4"
            onClick={() => {
              close()
              onSearch()
            }}
          >
            {words.search}
          </button>
          <div className="mt-auto flex flex-wrap items-center gap-2 pt-8">
            <LanguageSwitch />
            <ThemeSwitch />
            <form
              method="post"
              action="/sign-out"
              className="ml-auto flex items-center gap-3 text-14 text-quiet"
            >
              {me.person?.name ?? me.actor}
              <button type="submit" className="min-h-11 text-accent underline underline-offset-3">
                {words.signOut}
              </button>
            </form>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
