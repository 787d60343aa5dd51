import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'

/** A question or form above the page; Escape and a click beside it close it. */
export function Dialog({
  isOpen,
  onClose,
  title,
  children,
  isWide = false,
}: {
  isOpen: boolean
  onClose(): void
  title: string
  children: ReactNode
  isWide?: boolean
}) {
  const words = useWords(shellWords)
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-[light-dark(rgb(28_27_25/.4),rgb(0_0_0/.6))]" />
        <Base.Popup
          className={`fixed inset-x-4 top-[10vh] z-30 mx-auto max-h-[84vh] overflow-y-auto rounded border border-line-strong bg-paper p-6 outline-none ${isWide ? 'max-w-2xl' : 'max-w-lg'}`}
        >
          <div className="mb-4 flex items-baseline justify-between gap-6">
            <Base.Title className="text-20">{title}</Base.Title>
            <Base.Close className="text-14 text-quiet hover:text-ink">{words.close}</Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
