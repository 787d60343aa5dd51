import { Menu } from '@base-ui/react/menu'
import { useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import type { Me } from '../data/session.ts'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'

/** Who is signed in, with what is theirs: settings, keys, signing out. */
export default function SessionMenu({ me, onHelp }: { me: Me; onHelp(): void }) {
  const words = useWords(shellWords)
  const navigate = useNavigate()
  const form = useRef<HTMLFormElement>(null)
  const item =
    'flex min-h-9 cursor-pointer items-center px-4 text-14 outline-none data-highlighted:bg-accent data-highlighted:text-on-accent'
  return (
    <>
      <form ref={form} method="post" action="/sign-out" hidden />
      <Menu.Root>
        <Menu.Trigger className="flex min-h-8 items-center gap-1.5 px-2 text-14 text-quiet hover:text-ink data-popup-open:text-ink">
          {me.person?.name ?? me.actor}
          <svg viewBox="0 0 10 6" width="10" height="6" aria-hidden="true">
            <path d="m1 1 4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner sideOffset={8} align="end" className="z-20 outline-none">
            <Menu.Popup className="min-w-56 rounded border border-line-strong bg-paper py-2 outline-none">
              <p className="border-b border-line px-4 pt-1 pb-3 text-13 text-quiet">
                {me.person?.email ?? me.actor}
              </p>
              <Menu.Item className={item} onClick={() => void navigate({ to: '/settings' })}>
                {words.pages.settings}
              </Menu.Item>
              <Menu.Item className={item} onClick={() => void navigate({ to: '/attestations' })}>
                {words.pages.attestations}
              </Menu.Item>
              <Menu.Item className={item} onClick={() => void navigate({ to: '/start' })}>
                {words.pages.start}
              </Menu.Item>
              <Menu.Item className={item} onClick={onHelp}>
                {words.keys}
                <kbd className="ml-auto text-13">?</kbd>
              </Menu.Item>
              <Menu.Item className={item} onClick={() => form.current?.requestSubmit()}>
                {words.signOut}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </>
  )
}
