import type { ComponentChildren } from 'preact'
import { RecordForm } from '../parts/record-form.tsx'
import type { Company } from '../records.ts'
import { call } from '../request.ts'
import { go } from '../router.ts'

function Entrance(props: { company: Company; title: string; children: ComponentChildren }) {
  return (
    <main id="main" class="entrance">
      <p class="brand">{props.company.name}</p>
      <h1>{props.title}</h1>
      {props.children}
    </main>
  )
}

type Props = { company: Company; onSignedIn: () => Promise<void> }

export function SignInPage({ company, onSignedIn }: Props) {
  return (
    <Entrance company={company} title="Sign in">
      <RecordForm
        fields={[
          { name: 'email', label: 'E-mail', kind: 'email', required: true, autocomplete: 'username' },
          {
            name: 'password',
            label: 'Password',
            kind: 'password',
            required: true,
            autocomplete: 'current-password',
          },
        ]}
        submit="Sign in"
        onSubmit={async (values) => {
          await call('POST', 'sign-in', values)
          await onSignedIn()
        }}
      />
      <p class="quiet">Forgotten the password? An administrator can make you a new link.</p>
    </Entrance>
  )
}

export function SetupPage({ company, onSignedIn }: Props) {
  return (
    <Entrance company={company} title="Set up this CRM">
      <p>You are the first here. The setup code stands in this program’s output, in the line “setup.code”.</p>
      <RecordForm
        fields={[
          { name: 'code', label: 'Setup code', required: true },
          { name: 'name', label: 'Your name', required: true, autocomplete: 'name' },
          { name: 'email', label: 'E-mail', kind: 'email', required: true, autocomplete: 'username' },
          {
            name: 'password',
            label: 'Password',
            kind: 'password',
            required: true,
            autocomplete: 'new-password',
            hint: 'At least 10 characters.',
          },
        ]}
        submit="Become administrator"
        onSubmit={async (values) => {
          await call('POST', 'setup', values)
          await onSignedIn()
          go('/', { replace: true })
        }}
      />
    </Entrance>
  )
}

export function InvitePage({ company, onSignedIn, token }: Props & { token: string }) {
  return (
    <Entrance company={company} title="Welcome">
      <p>Choose a password, and you are in.</p>
      <RecordForm
        fields={[
          {
            name: 'password',
            label: 'Password',
            kind: 'password',
            required: true,
            autocomplete: 'new-password',
            hint: 'At least 10 characters; a sentence is easy to remember.',
          },
        ]}
        submit="Set password and sign in"
        onSubmit={async (values) => {
          await call('POST', 'accept-invite', { ...values, token })
          await onSignedIn()
          go('/', { replace: true })
        }}
      />
    </Entrance>
  )
}
