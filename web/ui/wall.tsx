import { Link } from '@tanstack/react-router'
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { HEADINGS, type Promised } from '../data/promises.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { verdictWords } from '../words/verdicts.ts'
import { type Cut, layWall, neighbour } from './lay-wall.ts'
import { stoneLook } from './mark.tsx'

const CHARACTER_PX = 7.4
const AROUND_WORDS_PX = 36
const NUMBER_ONLY_PX = 44
/** Below this width a stone bears its number alone. */
const WORDS_FROM_PX = 560

/** The wall: five courses, a stone for each promise that is made. The one that is pointed at or focused is told. */
export function Wall({
  promises,
  faded,
  onLook,
}: {
  promises: readonly Promised[]
  faded(promise: Promised): boolean
  onLook(id: string | undefined): void
}) {
  const language = useLanguage()
  const words = useWords(verdictWords)
  const [width, setWidth] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const measure = () => setWidth(box.current?.clientWidth ?? 0)
    measure()
    const observer = new ResizeObserver(measure)
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [])

  const hasWords = width >= WORDS_FROM_PX
  const courses = useMemo(
    () =>
      HEADINGS.map((heading) => promises.filter((one) => one.heading === heading && one.dropped === null)),
    [promises],
  )
  const laid = useMemo(() => {
    const cut = (one: Promised): Cut => ({
      id: one.id,
      needs: hasWords
        ? one.title[language].length * CHARACTER_PX + AROUND_WORDS_PX
        : NUMBER_ONLY_PX + ((one.number * 7) % 5) * 6,
    })
    return layWall(
      courses.map((course) => course.map(cut)),
      Math.max(width, 1),
    )
  }, [courses, hasWords, language, width])
  const layers = useMemo(() => laid.flat(), [laid])
  const order = useMemo(() => layers.flat().map((stone) => stone.id), [layers])
  const was = useFormerVerdicts(promises)
  const [entry, setEntry] = useState<string>()
  const tabStop = entry !== undefined && order.includes(entry) ? entry : order[0]
  const of = useMemo(() => new Map(promises.map((one) => [one.id, one])), [promises])

  const move = (event: KeyboardEvent) => {
    const id = (event.target as HTMLElement).dataset.stone
    if (id === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    const at = order.indexOf(id)
    const next = {
      ArrowRight: order[at + 1],
      ArrowLeft: order[at - 1],
      ArrowDown: neighbour(layers, id, 1),
      ArrowUp: neighbour(layers, id, -1),
      Home: order[0],
      End: order.at(-1),
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.currentTarget.querySelector<HTMLElement>(`[data-stone="${next}"]`)?.focus()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the stones inside are the controls; their arrow keys end here
    <div onKeyDown={move} onPointerLeave={() => onLook(undefined)} className="min-h-80">
      <div ref={box} className="md:ml-28" />
      {width === 0
        ? null
        : HEADINGS.map((heading, course) =>
            laid[course]!.length === 0 ? null : (
              // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
              <div
                key={heading}
                role="group"
                aria-labelledby={`course-${heading}`}
                className="relative mb-3 md:pl-28"
              >
                <h2
                  id={`course-${heading}`}
                  className="sr-only top-4 left-0 text-13 font-medium tracking-normal text-quiet md:not-sr-only md:absolute"
                >
                  {words.headings[heading]}
                </h2>
                {laid[course]!.map((layer) => (
                  <ul key={layer[0]!.id} className="mb-1 flex gap-1">
                    {layer.map((stone) => (
                      <Stone
                        key={stone.id}
                        promise={of.get(stone.id)!}
                        was={was.get(stone.id)}
                        grow={stone.width}
                        hasWords={hasWords}
                        isFaded={faded(of.get(stone.id)!)}
                        isTabStop={stone.id === tabStop}
                        onLook={() => onLook(stone.id)}
                        onEnter={() => {
                          setEntry(stone.id)
                          onLook(stone.id)
                        }}
                      />
                    ))}
                  </ul>
                ))}
              </div>
            ),
          )}
    </div>
  )
}

function Stone(props: {
  promise: Promised
  was: string | undefined
  grow: number
  hasWords: boolean
  isFaded: boolean
  isTabStop: boolean
  onLook(): void
  onEnter(): void
}) {
  const { promise } = props
  const language = useLanguage()
  const words = useWords(verdictWords)
  const title = promise.title[language]
  return (
    <li className="flex min-w-0" style={{ flex: `${props.grow} 1 0` }}>
      <Link
        to="/promises/$promise"
        params={{ promise: promise.id }}
        data-stone={promise.id}
        data-verdict={promise.verdict}
        data-tone={(promise.number * 7) % 3}
        {...(props.was === undefined ? {} : { 'data-was': props.was })}
        tabIndex={props.isTabStop ? 0 : -1}
        aria-label={`${promise.number}. ${title}: ${words[promise.verdict]}`}
        onPointerEnter={props.onLook}
        onFocus={props.onEnter}
        className={`${stoneLook(promise.verdict)} flex h-11 w-full min-w-0 items-center justify-center text-14 ${props.hasWords ? 'px-3' : ''} font-medium no-underline transition-opacity duration-150 md:h-13 ${props.isFaded ? 'opacity-20' : ''}`}
      >
        {props.isFaded ? null : (
          <span
            className={`${props.hasWords ? 'truncate' : ''} ${promise.verdict === 'unknown' ? 'rounded-[2px] bg-(--fog-ground) px-1.5' : ''}`}
          >
            {props.hasWords ? title : promise.number}
          </span>
        )}
      </Link>
    </li>
  )
}

/** What each promise was when the verdicts last changed, so that a stone that fell or was set can be seen to. */
function useFormerVerdicts(promises: readonly Promised[]): ReadonlyMap<string, string> {
  const kept = useRef({ now: new Map<string, string>(), was: new Map<string, string>() })
  return useMemo(() => {
    const { now } = kept.current
    const next = new Map(promises.map((one) => [one.id, one.verdict as string]))
    const was = new Map(
      [...next].flatMap(([id, verdict]) => {
        const before = now.get(id)
        return before !== undefined && before !== verdict ? [[id, before] as const] : []
      }),
    )
    kept.current = { now: next, was }
    return was
  }, [promises])
}
