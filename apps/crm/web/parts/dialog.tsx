import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { RequestError } from '../request.ts'

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog(props: {
  title: string
  onClose: () => void
  children: ComponentChildren
  wide?: boolean
}) {
  const element = useRef<HTMLDialogElement>(null)
  const title = useId()
  useEffect(() => {
    element.current?.showModal()
  }, [])
  return (
    <dialog ref={element} class={props.wide ? 'wide' : ''} aria-labelledby={title} onClose={props.onClose}>
      <header>
        <h2 id={title}>{props.title}</h2>
        <button type="button" class="link quiet" onClick={() => element.current?.close()}>
          Close
        </button>
      </header>
      {props.children}
    </dialog>
  )
}

/** Says what will go before it goes; the button repeats it. */
export function ConfirmDialog(props: {
  title: string
  action: string
  children: ComponentChildren
  onConfirm: () => Promise<void>
  onClose: () => void
}) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const confirm = async () => {
    setBusy(true)
    try {
      await props.onConfirm()
    } catch (reason) {
      setError(reason instanceof RequestError ? reason.message : 'Something went wrong. Try again.')
      setBusy(false)
    }
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div class="prose">{props.children}</div>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <footer class="buttons">
        <button type="button" onClick={props.onClose}>
          Keep
        </button>
        <button type="button" class="danger" disabled={busy} onClick={() => void confirm()}>
          {props.action}
        </button>
      </footer>
    </Dialog>
  )
}
