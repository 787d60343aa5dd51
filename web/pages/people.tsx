import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { meQuery } from '../data/session.ts'
import { peopleQuery, tokensQuery } from '../data/who.ts'
import { CreateToken } from '../forms/create-token.tsx'
import { Invite } from '../forms/invite.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { useWords } from '../words/language.ts'
import { peopleWords } from '../words/people.ts'
import { PeopleList } from './people-list.tsx'
import { TokenList } from './token-list.tsx'

/** Who may do what: people with their roles, and the tokens of programs. */
export function PeoplePage() {
  const words = useWords(peopleWords)
  const me = useQuery(meQuery).data
  const people = useQuery(peopleQuery)
  const tokens = useQuery(tokensQuery)
  const [isOpen, setOpen] = useState<'invite' | 'token'>()
  const close = () => setOpen(undefined)
  return (
    <PageFrame title={words.title} lead={words.lead}>
      <section aria-labelledby="people">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-4">
          <h2 id="people" className="text-20">
            {words.people}
          </h2>
          <Button
            size="small"
            why={me && !me.may.includes('person.invite') ? words.why.may : null}
            onClick={() => setOpen('invite')}
          >
            {words.invite}
          </Button>
        </div>
        {people.error ? (
          <ProblemNote error={people.error} retry={() => void people.refetch()} />
        ) : people.data && me ? (
          <PeopleList people={people.data} me={me} />
        ) : (
          <LoadingLines count={3} />
        )}
      </section>
      <Section
        title={words.tokens}
        id="tokens"
        aside={
          <Button
            size="small"
            why={me && !me.may.includes('token.create') ? words.why.may : null}
            onClick={() => setOpen('token')}
          >
            {words.create}
          </Button>
        }
      >
        {tokens.error ? (
          <ProblemNote error={tokens.error} retry={() => void tokens.refetch()} />
        ) : tokens.data && me ? (
          <TokenList tokens={tokens.data} me={me} />
        ) : (
          <LoadingLines count={3} />
        )}
      </Section>
      <Dialog isOpen={isOpen === 'invite'} onClose={close} title={words.invite}>
        <Invite onDone={close} />
      </Dialog>
      <Dialog isOpen={isOpen === 'token'} onClose={close} title={words.create}>
        <CreateToken onDone={close} />
      </Dialog>
    </PageFrame>
  )
}
