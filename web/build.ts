import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { PAGES } from './routes/page-names.ts'

const COMPRESSED = /\.(js|css|html|svg|json)$/

/**
 * Writes the console's files into this folder: hashed names below assets/, each with its .br and .gz beside it, and
 * pages.json, which names the first parts of the addresses that are pages.
 */
export async function buildConsole(outDir: string): Promise<void> {
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    plugins: [react(), tailwind()],
    build: {
      outDir,
      emptyOutDir: true,
      target: ['chrome123', 'firefox128', 'safari17.5'],
      // Nothing goes into data: URLs; the pages' policy has none for fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: 'manifest.json',
      reportCompressedSize: false,
    },
  })
  await vouchForFiles(outDir)
  await writeFile(join(outDir, 'pages.json'), `${JSON.stringify(PAGES)}\n`)
  const files = await readdir(outDir, { recursive: true, withFileTypes: true })
  await Promise.all(
    files
      .filter((file) => file.isFile() && COMPRESSED.test(file.name))
      .map((file) => compress(join(file.parentPath, file.name))),
  )
}

/** Subresource integrity: the page names the hash of each file of its own that it loads, so that no other bytes run in its place. */
async function vouchForFiles(outDir: string): Promise<void> {
  const page = join(outDir, 'index.html')
  let text = await readFile(page, 'utf8')
  for (const [tag, path] of text.matchAll(
    /<(?:script|link)\b[^>]*? (?:src|href)="\/([^"]+\.(?:js|css))"[^>]*>/g,
  )) {
    const hash = createHash('sha384')
      .update(await readFile(join(outDir, path!)))
      .digest('base64')
    const attributes = ` integrity="sha384-${hash}"${tag.includes('crossorigin') ? '' : ' crossorigin'}`
    text = text.replace(tag, tag.replace(/>$/, `${attributes}>`))
  }
  await writeFile(page, text)
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params }),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)])
}

if (process.argv[1] === import.meta.filename) {
  const began = performance.now()
  const out = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist'))
  await buildConsole(out)
  process.stdout.write(`built ${out} in ${Math.round(performance.now() - began)} ms\n`)
}
