// Passkeys of the console: the two WebAuthn ceremonies. Served as it is; no other script runs on these pages.
const message = document.getElementById('passkey-message')
const say = (text) => {
  if (message) message.textContent = text
}
const post = async (path, body) => {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.detail} ${answer.remedy ?? ''}`)
  return answer
}

const usable = window.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined

function ceremony(buttonId, run) {
  const button = document.getElementById(buttonId)
  if (!button) return
  if (!usable) {
    button.disabled = true
    say('This browser cannot use passkeys here. Use a one-time link.')
    return
  }
  button.addEventListener('click', async () => {
    button.disabled = true
    say('')
    try {
      await run()
    } catch (error) {
      say(
        error.name === 'NotAllowedError' || error.name === 'SecurityError'
          ? `The browser refused (${error.message}). Browsers refuse passkeys on a certificate that they do not trust: trust ca.crt of the data folder as an authority, or use a one-time link.`
          : error.message,
      )
    } finally {
      button.disabled = false
    }
  })
}

ceremony('passkey-sign-in', async () => {
  const options = await post('/sign-in/passkey/begin')
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  })
  await post('/sign-in/passkey', credential.toJSON())
  location.assign('/')
})

ceremony('passkey-add', async () => {
  const options = await post('/passkeys/begin')
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  })
  await post('/passkeys', credential.toJSON())
  location.reload()
})
