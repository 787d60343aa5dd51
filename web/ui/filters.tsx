import { type ReactNode, useEffect, useId, useRef, useState } from 'react'

const WAIT_MS = 200

/** Filters of a table in one line, which breaks on narrow screens; what they say stands in the address. */
export function FilterBar({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <search className="mb-4 flex flex-wrap items-end gap-x-3 gap-y-3">
      {children}
      {aside ? <div className="ml-auto self-end py-1.5 text-14 text-quiet">{aside}</div> : null}
    </search>
  )
}

export const fieldLook =
  'h-10 w-full rounded border border-line-strong bg-paper px-3 text-14 text-ink hover:border-ink placeholder:text-quiet'

/** A field of text that tells what was typed once the typing pauses. */
export function FindField({
  label,
  placeholder,
  value,
  onFind,
}: {
  label: string
  placeholder: string
  value: string | undefined
  onFind(text: string | undefined): void
}) {
  const id = useId()
  const [text, setText] = useState(value ?? '')
  const told = useRef(value ?? '')
  const tell = useRef(onFind)
  tell.current = onFind
  useEffect(() => {
    if ((value ?? '') === told.current) return
    told.current = value ?? ''
    setText(value ?? '')
  }, [value])
  useEffect(() => {
    const asked = text.trim()
    if (asked === told.current) return
    const timer = setTimeout(() => {
      told.current = asked
      tell.current(asked === '' ? undefined : asked)
    }, WAIT_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div className="min-w-0 basis-full md:max-w-[320px] md:flex-1 md:basis-0">
      <label htmlFor={id} className="mb-1 block text-13 text-quiet">
        {label}
      </label>
      <input
        id={id}
        type="search"
        value={text}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        onChange={(event) => setText(event.target.value)}
        className={fieldLook}
      />
    </div>
  )
}

/** One of a few words, or none of them. */
export function ChoiceField<T extends string>({
  label,
  any,
  value,
  choices,
  say,
  onChoose,
}: {
  label: string
  any: string
  value: T | undefined
  choices: readonly T[]
  say(choice: T): string
  onChoose(choice: T | undefined): void
}) {
  const id = useId()
  return (
    <div className="min-w-0 flex-1 basis-[calc(50%-6px)] md:max-w-[200px] md:basis-0">
      <label htmlFor={id} className="mb-1 block text-13 text-quiet">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChoose(choices.find((choice) => choice === event.target.value))}
        className={`${fieldLook} ${value === undefined ? '' : 'font-semibold'}`}
      >
        <option value="">{any}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {say(choice)}
          </option>
        ))}
      </select>
    </div>
  )
}
