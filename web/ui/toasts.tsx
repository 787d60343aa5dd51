import { Toast } from '@base-ui/react/toast'
import { useEffect } from 'react'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'
import { listenToTold } from './tell.ts'

const manager = Toast.createToastManager<{ undo?: (() => void) | undefined }>()

/** Where `tell` is heard; stands once, around all pages. */
export default function Toasts() {
  useEffect(
    () =>
      listenToTold(({ said, undo }) => {
        manager.add({ title: said, timeout: undo ? 10_000 : 5_000, data: { undo } })
      }),
    [],
  )
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 left-4 z-40 mx-auto flex flex-col gap-2 sm:left-auto sm:w-96">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const words = useWords(shellWords)
  const { toasts } = Toast.useToastManager<{ undo?: (() => void) | undefined }>()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection={[]}
      className="flex items-center justify-between gap-4 rounded border border-ink bg-ink px-4 py-3 text-14 text-paper transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0"
    >
      <Toast.Title className="font-normal" render={<p />} />
      <span className="flex shrink-0 gap-4">
        {toast.data?.undo ? (
          <button
            type="button"
            className="font-semibold underline underline-offset-3"
            onClick={() => {
              toast.data?.undo?.()
              manager.close(toast.id)
            }}
          >
            {words.undo}
          </button>
        ) : null}
        <Toast.Close className="opacity-70 hover:opacity-100">{words.close}</Toast.Close>
      </span>
    </Toast.Root>
  ))
}
