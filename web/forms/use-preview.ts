import { useEffect, useRef, useState } from 'react'

/** Asks what a change would do, once for each time its dialog opens. */
export function usePreview<Plan>(
  isOpen: boolean,
  ask: () => Promise<Plan>,
): { plan?: Plan; error?: unknown } {
  const [seen, setSeen] = useState<{ plan?: Plan; error?: unknown }>({})
  const asking = useRef(ask)
  asking.current = ask
  useEffect(() => {
    if (!isOpen) return
    let isGone = false
    setSeen({})
    asking.current().then(
      (plan) => !isGone && setSeen({ plan }),
      (error: unknown) => !isGone && setSeen({ error }),
    )
    return () => {
      isGone = true
    }
  }, [isOpen])
  return seen
}
