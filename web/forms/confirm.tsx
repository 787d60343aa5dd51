import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ProblemNote } from '../ui/states.tsx'

/** Says what would happen before it does; the button names it. */
export function Confirm({
  title,
  does,
  keeps,
  act,
  onClose,
  children,
}: {
  title: string
  does: string
  keeps: string
  act(): Promise<unknown>
  onClose(): void
  children: ReactNode
}) {
  const doing = useMutation({ mutationFn: act, onSuccess: onClose })
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      {children}
      {doing.error ? (
        <div className="mt-4">
          <ProblemNote error={doing.error} />
        </div>
      ) : null}
      <div className="mt-6 flex flex-wrap gap-3">
        <Button kind="danger" disabled={doing.isPending} onClick={() => doing.mutate()}>
          {does}
        </Button>
        <Button kind="quiet" onClick={onClose}>
          {keeps}
        </Button>
      </div>
    </Dialog>
  )
}
