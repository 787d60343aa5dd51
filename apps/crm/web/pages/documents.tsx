import { useState } from 'preact/hooks'
import { date, fileSize } from '../format.ts'
import { DeleteDocument, UploadButton } from '../parts/attached.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { Empty } from '../parts/states.tsx'
import type { StoredDocument } from '../records.ts'
import { BASE } from '../router.ts'

export function DocumentsPage() {
  const [version, setVersion] = useState(0)
  const changed = () => setVersion((old) => old + 1)
  return (
    <ListPage<StoredDocument>
      title="Documents"
      noun="document"
      api="documents"
      version={version}
      pathOf={(document) => `/api/documents/${document.id}/content`}
      columns={[
        { head: 'Name', sort: 'name', cell: (d) => d.name },
        { head: 'About', wide: true, cell: (d) => <About document={d} /> },
        { head: 'Added', sort: 'createdAt', wide: true, figures: true, cell: (d) => date(d.createdAt) },
        { head: 'Size', sort: 'size', figures: true, wide: true, cell: (d) => fileSize(d.size) },
        {
          head: 'Actions',
          figures: true,
          cell: (d) => (
            <span class="row-actions">
              <a href={`/api/documents/${d.id}/content`} download={d.name}>
                Download
              </a>
              <DeleteDocument document={d} onDone={changed} />
            </span>
          ),
        },
      ]}
      actions={<UploadButton primary onDone={changed} />}
      empty={
        <Empty title="No documents yet.">
          <p>Upload them here, or on the page of the contact, organisation or deal that they are about.</p>
        </Empty>
      }
    />
  )
}

function About({ document }: { document: StoredDocument }) {
  if (document.dealId) return <a href={`${BASE}/deals/${document.dealId}`}>{document.dealTitle}</a>
  if (document.contactId) return <a href={`${BASE}/contacts/${document.contactId}`}>{document.contactName}</a>
  if (document.organisationId)
    return <a href={`${BASE}/organisations/${document.organisationId}`}>{document.organisationName}</a>
  return null
}
