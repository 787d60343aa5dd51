import { useQuery } from '@tanstack/react-query'
import { queryClient } from '../data/api.ts'
import { meQuery } from '../data/session.ts'
import { declareWords, useLanguage, useWords } from '../words/language.ts'
import { sayDay } from '../words/times.ts'
import { PasskeyButton } from './passkey-button.tsx'
import { addPasskey } from './passkeys.ts'

const passkeyWords = declareWords(
  {
    none: 'None yet. A passkey signs you in without a link, and approves what takes two people.',
    device: 'Device',
    added: 'Added',
    used: 'Last used',
    never: 'never',
    add: 'Add a passkey for this device',
  },
  {
    none: 'Ingen än. En lösennyckel loggar in dig utan länk, och godkänner det som kräver två personer.',
    device: 'Enhet',
    added: 'Tillagd',
    used: 'Senast använd',
    never: 'aldrig',
    add: 'Lägg till en lösennyckel för den här enheten',
  },
)

/** The passkeys of whoever is signed in, and a button for one more. */
export function MyPasskeys() {
  const words = useWords(passkeyWords)
  const language = useLanguage()
  const me = useQuery(meQuery).data
  const passkeys = me?.passkeys ?? []
  return (
    <>
      {passkeys.length === 0 ? (
        <p className="mb-4 max-w-[60ch] text-quiet">{words.none}</p>
      ) : (
        <table className="mb-6 w-full max-w-2xl text-14">
          <thead>
            <tr className="border-b border-line-strong text-left text-13 text-quiet">
              <th className="py-2 pr-6 font-medium">{words.device}</th>
              <th className="py-2 pr-6 font-medium">{words.added}</th>
              <th className="py-2 font-medium">{words.used}</th>
            </tr>
          </thead>
          <tbody>
            {passkeys.map((one) => (
              <tr key={one.id} className="border-b border-line">
                <th scope="row" className="py-2.5 pr-6 text-left">
                  {one.name}
                </th>
                <td className="py-2.5 pr-6">{sayDay(one.createdAt, language)}</td>
                <td className="py-2.5">
                  {one.lastUsedAt === null ? words.never : sayDay(one.lastUsedAt, language)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <PasskeyButton
        kind="plain"
        run={addPasskey}
        done={() => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })}
      >
        {words.add}
      </PasskeyButton>
    </>
  )
}
