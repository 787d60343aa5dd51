import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, queryClient } from '../data/api.ts'
import { REGIONS, type RegionId } from '../data/fleet.ts'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/command.tsx'
import { ChoiceField, Field } from '../ui/field.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { StepHead } from '../ui/step-head.tsx'
import { countryName } from '../words/countries.ts'
import { fleetWords } from '../words/fleet.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { startWords } from '../words/start.ts'

// Those that a region is proposed for first; any other is written in the CLI.
const COUNTRIES = [
  'SE',
  'NO',
  'DK',
  'FI',
  'DE',
  'FR',
  'NL',
  'PL',
  'ES',
  'IT',
  'IE',
  'GB',
  'US',
  'CA',
  'AU',
  'NZ',
  'SG',
  'JP',
  'IN',
] as const

/** Makes an account with its instance: the region is proposed from the country, and confirmed by sending. */
export function FirstCustomer({ hasApp, count }: { hasApp: boolean; count: number }) {
  const words = useWords(startWords).customer
  const fleet = useWords(fleetWords)
  const language = useLanguage()
  const [company, setCompany] = useState('')
  const [email, setEmail] = useState('')
  const [country, setCountry] = useState<string>('SE')
  const [chosen, setChosen] = useState<RegionId>()
  const proposal = useQuery({
    queryKey: ['region-proposal', country],
    queryFn: () => api.get('/v1/regions/proposal', { params: { query: { country } } }),
  }).data
  const region = chosen ?? proposal?.region ?? 'eu-frankfurt'
  const make = useMutation({
    mutationFn: () =>
      api.post('/v1/accounts', { body: { company: company.trim(), email: email.trim(), country, region } }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ['accounts'] }),
  })
  if (make.data) {
    const { account, url, owner } = make.data
    return (
      <>
        <StepHead title={words.title} lead={words.made(account.company)} />
        <p>
          <a href={url} target="_blank" rel="noreferrer" className="link">
            {words.open}
          </a>
        </p>
        {owner?.password ? (
          <>
            <p className="mt-4 mb-2 text-14">{words.password}</p>
            <Command text={`${owner.email}\n${owner.password}`} />
          </>
        ) : null}
      </>
    )
  }
  return (
    <>
      <StepHead title={words.title} lead={words.lead} />
      {count > 0 ? <p className="mb-4 font-semibold text-kept">{words.have(String(count))}</p> : null}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (hasApp) make.mutate()
        }}
      >
        <Field
          label={words.company}
          value={company}
          required
          maxLength={200}
          onChange={(event) => setCompany(event.target.value)}
        />
        <Field
          label={words.email}
          type="email"
          value={email}
          required
          onChange={(event) => setEmail(event.target.value)}
        />
        <ChoiceField
          label={words.country}
          value={country}
          onChange={(event) => {
            setCountry(event.target.value)
            setChosen(undefined)
          }}
        >
          {COUNTRIES.map((code) => (
            <option key={code} value={code}>
              {countryName(code, language)}
            </option>
          ))}
        </ChoiceField>
        <ChoiceField
          label={words.region}
          hint={proposal?.reason}
          value={region}
          onChange={(event) => setChosen(event.target.value as RegionId)}
        >
          {REGIONS.map((id) => (
            <option key={id} value={id}>
              {fleet.regions[id]}
            </option>
          ))}
        </ChoiceField>
        <Button
          type="submit"
          kind="main"
          why={hasApp ? null : words.noApp}
          disabled={hasApp && make.isPending}
        >
          {words.submit(company.trim() || '…', fleet.regions[region])}
        </Button>
        {hasApp ? null : <p className="mt-2 text-14 text-quiet">{words.noApp}</p>}
        {make.error ? <ProblemNote error={make.error} /> : null}
      </form>
      <p className="mt-8 mb-2 text-14 text-quiet">{words.alternative}</p>
      <Command
        text={`npx borgen account sign-up --company Acme --email ann@acme.test --country ${country} --region ${region}`}
      />
    </>
  )
}
