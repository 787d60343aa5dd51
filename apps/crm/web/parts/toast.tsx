import { useEffect, useState } from 'preact/hooks'
import { RequestError } from '../request.ts'

type Toast = { text: string; undo?: () => Promise<unknown>; bad?: boolean }

const TOAST = 'crm:toast'

export const toast = (message: Toast): boolean => dispatchEvent(new CustomEvent(TOAST, { detail: message }))

export const toastError = (error: unknown): boolean =>
  toast({
    text: error instanceof RequestError ? error.message : 'Something went wrong. Try again.',
    bad: true,
  })

const SECONDS = 7

/** One message at a time, read out politely; with Undo it waits for as long as somebody is on it. */
export function Toasts() {
  const [shown, setShown] = useState<Toast | null>(null)
  const [held, setHeld] = useState(false)
  useEffect(() => {
    const show = (event: Event) => setShown((event as CustomEvent<Toast>).detail)
    addEventListener(TOAST, show)
    return () => removeEventListener(TOAST, show)
  }, [])
  useEffect(() => {
    if (!shown || held) return
    const timer = setTimeout(() => setShown(null), SECONDS * 1000)
    return () => clearTimeout(timer)
  }, [shown, held])

  const undo = async () => {
    const run = shown?.undo
    setShown(null)
    try {
      await run?.()
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown && (
        // biome-ignore lint/a11y/noStaticElementInteractions: holding is a courtesy to the pointer, not a control
        <div
          class={shown.bad ? 'toast bad' : 'toast'}
          onMouseEnter={() => setHeld(true)}
          onMouseLeave={() => setHeld(false)}
          onFocusIn={() => setHeld(true)}
          onFocusOut={() => setHeld(false)}
        >
          <span>{shown.text}</span>
          {shown.undo && (
            <button type="button" class="link" onClick={() => void undo()}>
              Undo
            </button>
          )}
          <button type="button" class="link quiet" onClick={() => setShown(null)}>
            Close
          </button>
        </div>
      )}
    </div>
  )
}
