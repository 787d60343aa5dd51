import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { readFileStream, removeFile, storeFile } from '../files.ts'
import { parse } from '../http/body.ts'
import { readUpload } from '../http/multipart.ts'
import { Problem } from '../http/problem.ts'
import { created, type Reply, type Route, route, type SignedIn } from '../http/route.ts'
import { audit, change } from './change.ts'
import { text } from './fields.ts'
import { linkColumns, linkFields, linkFilters, linkJoins } from './linked.ts'
import { findRecord, type Resource, recordId, resourceRoutes } from './resource.ts'

export const documents: Resource = {
  entity: 'document',
  table: 'documents',
  path: 'documents',
  select: `select r.*, ${linkColumns} from documents r ${linkJoins}`,
  searched: 'r.name',
  sorts: { name: 'lower(r.name)', createdAt: 'r.created_at', size: 'r.size' },
  defaultSort: '-createdAt',
  filters: linkFilters,
  fields: z.strictObject({ name: text(200).transform(safeName), ...linkFields }),
  isFile: true,
}

/** The last part of whatever path a browser or an attacker sends, without what a shell or a file system could mistake. */
export function safeName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  const clean = last.replaceAll(/[\u0000-\u001f\u007f"<>:|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_')
  return (
    clean
      .replace(/^[.\s]+/, '')
      .trim()
      .slice(0, 200) || 'document'
  )
}

const uploadFields = z.strictObject({ name: text(200).transform(safeName).optional(), ...linkFields })

async function uploadDocument(context: SignedIn): Promise<Reply> {
  const { config } = context.app
  const id = randomUUID()
  const upload = await readUpload(context.request, config.maxUploadBytes, (file) =>
    storeFile(config.filesDir, id, file),
  )
  try {
    const fields = parse(uploadFields, upload.fields)
    const record = await change(context, async (tx, record) => {
      const values = [
        id,
        fields.name ?? safeName(upload.name),
        upload.mediaType,
        upload.stored.size,
        upload.stored.sha256,
        fields.organisationId ?? null,
        fields.contactId ?? null,
        fields.dealId ?? null,
        context.user.id,
      ]
      await tx.query(
        `insert into documents (id, name, media_type, size, sha256, organisation_id, contact_id, deal_id, owner_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        values,
      )
      await record({ action: 'created', entity: 'document', id })
      return findRecord(tx, documents, id)
    })
    return { ...created(record), headers: { location: `/api/documents/${id}` } }
  } catch (error) {
    await removeFile(config.filesDir, id)
    throw error
  }
}

/** Always a download and never a page: an uploaded HTML file must not run as us. */
async function downloadDocument(context: SignedIn): Promise<Reply> {
  const id = recordId(context)
  const record = await findRecord(context.app.database, documents, id)
  const file = await readFileStream(context.app.config.filesDir, id)
  if (!file) {
    context.app.log.event('document.missing', { id })
    throw new Problem(404, 'The record is here but its file is gone. Restore it from a backup.')
  }
  audit(context, { action: 'read', entity: 'document', id })
  return {
    status: 200,
    stream: file.stream,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(file.size),
      'content-disposition': contentDisposition(String(record.name)),
      'content-security-policy': "default-src 'none'; sandbox",
      etag: `"${record.sha256}"`,
    },
  }
}

export function contentDisposition(name: string): string {
  const ascii = safeName(name).replaceAll(/[^\x20-\x7e]|[%\\]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

export const documentRoutes: Route[] = [
  ...resourceRoutes(documents).filter((r) => r.method !== 'POST'),
  route('member', 'POST', '/api/documents', uploadDocument),
  route('member', 'GET', '/api/documents/:id/content', downloadDocument),
]
