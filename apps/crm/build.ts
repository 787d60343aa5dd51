import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'

const HERE = import.meta.dirname

const fontLicence = join(
  dirname(createRequire(import.meta.url).resolve('@fontsource-variable/hanken-grotesk/package.json')),
  'LICENSE',
)

/** Writes a complete release; the same source gives the same bytes. */
export async function buildCrm(outDir: string = join(HERE, 'dist')): Promise<string> {
  const out = resolve(outDir)
  await rm(out, { recursive: true, force: true })
  await mkdir(join(out, 'public'), { recursive: true })
  await Promise.all([
    buildServer(out),
    buildPages(join(out, 'public')),
    cp(join(HERE, 'migrations'), join(out, 'migrations'), { recursive: true }),
    cp(join(HERE, 'borgen.app.yaml'), join(out, 'borgen.app.yaml')),
    cp(join(HERE, 'LICENSE'), join(out, 'LICENSE')),
    cp(fontLicence, join(out, 'LICENSE-hanken-grotesk')),
    // Below a package of type "module" the bundle would otherwise be read as one.
    writeFile(join(out, 'package.json'), '{"type":"commonjs"}\n'),
  ])
  return out
}

async function buildServer(out: string): Promise<void> {
  await build({
    entryPoints: [join(HERE, 'src/main.ts')],
    outfile: join(out, 'server.js'),
    absWorkingDir: HERE,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    // Names in stack traces are worth their few bytes.
    keepNames: false,
    legalComments: 'none',
    external: ['pg-native'],
    define: { 'import.meta.dirname': '__filename' },
    logLevel: 'warning',
  })
}

async function buildPages(out: string): Promise<void> {
  await cp(join(HERE, 'web/static'), out, { recursive: true })
  const { metafile } = await build({
    entryPoints: { app: join(HERE, 'web/main.tsx'), style: join(HERE, 'web/style.css') },
    outdir: join(out, 'assets'),
    absWorkingDir: HERE,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: '/assets',
    bundle: true,
    platform: 'browser',
    target: ['es2023', 'chrome123', 'firefox120', 'safari17.5'],
    format: 'esm',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.woff2': 'file' },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  const names = Object.keys(metafile.outputs).map((path) => path.split('/').at(-1)!)
  const find = (pattern: RegExp) => names.find((name) => pattern.test(name))!
  const assets = {
    app: find(/^app-.*\.js$/),
    style: find(/^style-.*\.css$/),
    font: find(/grotesk-latin-wght-normal-.*\.woff2$/) ?? '',
  }
  await fillPlaceholders(out, assets)
  await compress(out)
}

/** index.html and the service worker name the hashed files. */
async function fillPlaceholders(out: string, assets: Record<string, string>): Promise<void> {
  for (const file of ['index.html', 'sw.js']) {
    const text = await readFile(join(out, file), 'utf8')
    const filled = text.replaceAll(/%(\w+)%/g, (whole, name: string) => assets[name] ?? whole)
    await writeFile(join(out, file), filled)
  }
}

async function compress(out: string): Promise<void> {
  for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    await writeFile(`${path}.br`, brotliCompressSync(bytes, { params }))
  }
}

if (process.argv[1] === import.meta.filename) {
  const began = performance.now()
  const out = await buildCrm(process.argv[2])
  process.stdout.write(`built ${out} in ${Math.round(performance.now() - began)} ms\n`)
}
