import { useRef, useState } from 'preact/hooks'
import { date, dueDay, money } from '../format.ts'
import { DealForm } from '../forms.tsx'
import { ActivitiesOf, DocumentsOf, HistoryOf, NotesOf } from '../parts/attached.tsx'
import { Facts, RecordPage } from '../parts/record-page.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { toast, toastError } from '../parts/toast.tsx'
import { type Column, type Deal, STAGES } from '../records.ts'
import { call } from '../request.ts'
import { BASE, go } from '../router.ts'
import { useLoad } from '../use-load.ts'

type Board = { stages: Column[] }

export function PipelinePage() {
  const { data, error, reload, set } = useLoad<Board>('pipeline')
  const [adding, setAdding] = useState(false)
  const [over, setOver] = useState<string | null>(null)
  const inOrder = useRef<Promise<unknown>>(Promise.resolve())

  const move = async (deal: Deal, stage: string, index = 0) => {
    if (!data || (deal.stage === stage && index === 0)) return
    const before = { stage: deal.stage, index: placeOf(data, deal) }
    set(moved(data, deal, stage, index))
    try {
      // One after the other: of two quick moves the later one must also be the last to arrive.
      const mine = inOrder.current.then(() => call('POST', `deals/${deal.id}/move`, { stage, index }))
      inOrder.current = mine.catch(() => undefined)
      await mine
      const undo = async () => {
        await call('POST', `deals/${deal.id}/move`, before)
        await reload()
      }
      const name = STAGES.find(([id]) => id === stage)?.[1]
      if (before.stage !== stage) toast({ text: `${deal.title}: ${name}`, undo })
    } catch (reason) {
      toastError(reason)
    }
    await reload()
  }
  const onDrop = (event: DragEvent, column: Column) => {
    event.preventDefault()
    setOver(null)
    const id = event.dataTransfer?.getData('text/plain')
    const deal = data?.stages.flatMap((stage) => stage.deals).find((candidate) => candidate.id === id)
    if (deal) void move(deal, column.id, dropIndex(event, deal.id))
  }
  const none = data?.stages.every((stage) => stage.deals.length === 0)
  return (
    <main id="main" class="full">
      <header class="page-head">
        <h1>Deals</h1>
        <div class="actions">
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            Add deal
          </button>
        </div>
      </header>
      {error && !data && <Failed error={error} retry={() => void reload()} />}
      {!data && !error && <Loading />}
      {none && (
        <Empty title="No deals yet.">
          <p>A deal moves from left to right, from lead to won.</p>
        </Empty>
      )}
      {data && !none && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section class="board" aria-label="Pipeline" tabIndex={0}>
          {data.stages.map((column) => (
            <section
              key={column.id}
              class={`column ${column.kind}${over === column.id ? ' over' : ''}`}
              aria-label={column.name}
              onDragOver={(event) => {
                event.preventDefault()
                setOver(column.id)
              }}
              onDragLeave={() => setOver(null)}
              onDrop={(event) => onDrop(event, column)}
            >
              <header>
                <h2>
                  {column.name} <span class="quiet figures">{column.count}</span>
                </h2>
                {column.totals.map((total) => (
                  <p key={total.currency} class="figures quiet">
                    {money(total.amountMinor, total.currency)}
                  </p>
                ))}
              </header>
              <ul>
                {column.deals.map((deal) => (
                  <Card key={deal.id} deal={deal} onMove={(stage) => void move(deal, stage)} />
                ))}
              </ul>
            </section>
          ))}
        </section>
      )}
      {adding && (
        <DealForm
          onClose={() => setAdding(false)}
          onSaved={() => {
            setAdding(false)
            void reload()
          }}
        />
      )}
    </main>
  )
}

function Card({ deal, onMove }: { deal: Deal; onMove: (stage: string) => void }) {
  return (
    <li
      class="card"
      draggable
      data-deal={deal.id}
      onDragStart={(event) => event.dataTransfer?.setData('text/plain', deal.id)}
    >
      <a href={`${BASE}/deals/${deal.id}`} draggable={false}>
        {deal.title}
      </a>
      <p class="quiet">{deal.organisationName}</p>
      <p class="card-foot">
        <span class="figures">{money(deal.amountMinor, deal.currency)}</span>
        <select
          aria-label={`Stage of ${deal.title}`}
          value={deal.stage}
          onChange={(event) => onMove(event.currentTarget.value)}
        >
          {STAGES.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </p>
    </li>
  )
}

/** Before the first card whose middle lies below the pointer. */
function dropIndex(event: DragEvent, dragged: string): number {
  const column = event.currentTarget as HTMLElement
  const cards = [...column.querySelectorAll<HTMLElement>('.card')].filter(
    (card) => card.dataset.deal !== dragged,
  )
  const at = cards.findIndex((card) => {
    const box = card.getBoundingClientRect()
    return event.clientY < box.top + box.height / 2
  })
  return at === -1 ? cards.length : at
}

const placeOf = (board: Board, deal: Deal): number =>
  Math.max(
    0,
    board.stages.find((column) => column.id === deal.stage)?.deals.findIndex((d) => d.id === deal.id) ?? 0,
  )

/** The board as it will be, shown before the server has answered. */
function moved(board: Board, deal: Deal, stage: string, index: number): Board {
  return {
    stages: board.stages.map((column) => {
      const deals = column.deals.filter((candidate) => candidate.id !== deal.id)
      if (column.id === stage) deals.splice(index, 0, { ...deal, stage })
      return { ...column, deals, count: column.count + deals.length - column.deals.length }
    }),
  }
}

export function DealPage({ id }: { id: string }) {
  const { data: deal, error, reload } = useLoad<Deal>(`deals/${id}`)
  const [editing, setEditing] = useState(false)
  if (error)
    return (
      <main id="main">
        <Failed error={error} retry={() => void reload()} />
      </main>
    )
  if (!deal)
    return (
      <main id="main">
        <Loading />
      </main>
    )
  const subject = { kind: 'deal', id, name: deal.title } as const
  const move = async (stage: string) => {
    try {
      await call('POST', `deals/${id}/move`, { stage })
      const undo = async () => {
        await call('POST', `deals/${id}/move`, { stage: deal.stage })
        await reload()
      }
      toast({ text: `Moved to ${STAGES.find(([s]) => s === stage)?.[1]}`, undo })
    } catch (reason) {
      toastError(reason)
    }
    await reload()
  }
  return (
    <RecordPage
      crumb={['/deals', 'Deals']}
      title={deal.title}
      subtitle={
        deal.organisationId && (
          <a href={`${BASE}/organisations/${deal.organisationId}`}>{deal.organisationName}</a>
        )
      }
      noun="deal"
      api={`deals/${id}`}
      attached={deal.attached}
      actions={
        <>
          {deal.organisationId && (
            <button
              type="button"
              onClick={() => go(`/invoices/new?organisation=${deal.organisationId}&deal=${id}`)}
            >
              New invoice
            </button>
          )}
          <button type="button" onClick={() => setEditing(true)}>
            Edit
          </button>
        </>
      }
      facts={
        <>
          <p class="amount figures">{money(deal.amountMinor, deal.currency)}</p>
          <fieldset class="stages">
            <legend class="hidden">Stage</legend>
            {STAGES.map(([stage, name]) => (
              <button
                key={stage}
                type="button"
                class={stage}
                aria-pressed={stage === deal.stage}
                onClick={() => void move(stage)}
              >
                {name}
              </button>
            ))}
          </fieldset>
          <Facts
            items={[
              ['Expected to close', deal.expectedOn && deal.stageKind === 'open' && dueDay(deal.expectedOn)],
              ['Closed', deal.closedAt && date(deal.closedAt)],
              [
                'Contact',
                deal.contactId && <a href={`${BASE}/contacts/${deal.contactId}`}>{deal.contactName}</a>,
              ],
              ['Owner', deal.ownerName],
              ['Added', date(deal.createdAt)],
            ]}
          />
        </>
      }
    >
      <ActivitiesOf subject={subject} />
      <NotesOf subject={subject} />
      <DocumentsOf subject={subject} />
      <HistoryOf subject={subject} />
      {editing && (
        <DealForm
          record={deal}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false)
            void reload()
          }}
        />
      )}
    </RecordPage>
  )
}
