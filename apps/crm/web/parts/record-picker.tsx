import { useEffect, useRef, useState } from 'preact/hooks'
import { get } from '../request.ts'

export type Choice = { id: string; label: string; detail?: string | undefined }

type Source = 'organisations' | 'contacts' | 'deals'

type Found = {
  id: string
  name?: string
  givenName?: string
  familyName?: string
  title?: string
  organisationName?: string
  city?: string
}

async function findChoices(source: Source, text: string): Promise<Choice[]> {
  const { items } = await get<{ items: Found[] }>(`${source}?limit=8&q=${encodeURIComponent(text)}`)
  return items.map((item) => ({
    id: item.id,
    label:
      item.name ?? (source === 'deals' ? (item.title ?? '') : `${item.givenName} ${item.familyName}`.trim()),
    detail: item.organisationName ?? item.city,
  }))
}

/** A text field that offers records as one types; arrow keys, Enter and Escape as everywhere. */
export function RecordPicker(props: {
  source: Source
  value: Choice | null
  onChange: (choice: Choice | null) => void
  control: { id: string }
}) {
  const [text, setText] = useState<string | null>(null)
  const [choices, setChoices] = useState<Choice[]>([])
  const [active, setActive] = useState(0)
  const turn = useRef(0)
  const open = text !== null
  const list = `${props.control.id}-list`

  useEffect(() => {
    if (text === null) return
    const mine = ++turn.current
    const timer = setTimeout(async () => {
      const found = await findChoices(props.source, text).catch(() => [])
      if (mine !== turn.current) return
      setChoices(found)
      setActive(0)
    }, 120)
    return () => clearTimeout(timer)
  }, [text])

  const choose = (choice: Choice | null) => {
    turn.current++
    setText(null)
    setChoices([])
    props.onChange(choice)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!open) setText('')
      else
        setActive((at) =>
          Math.max(0, Math.min(choices.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))),
        )
    } else if (event.key === 'Enter' && open) {
      event.preventDefault()
      const choice = choices[active]
      if (choice) choose(choice)
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      setText(null)
    }
  }
  const leave = () => {
    if (text === '') choose(null)
    else setText(null)
  }
  return (
    <div class="picker">
      <input
        {...props.control}
        type="text"
        role="combobox"
        autocomplete="off"
        aria-expanded={open}
        aria-controls={list}
        aria-activedescendant={open && choices[active] ? `${list}-${active}` : undefined}
        placeholder="Type to search"
        value={text ?? props.value?.label ?? ''}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={leave}
      />
      {open && choices.length > 0 && (
        <div id={list} role="listbox" class="choices">
          {choices.map((choice, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the combobox
            <div
              key={choice.id}
              id={`${list}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(choice)}
            >
              {choice.label}
              {choice.detail && <span class="quiet"> {choice.detail}</span>}
            </div>
          ))}
        </div>
      )}
    </div>
  )
}
