import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { ASSETS } from './page.ts'

const own = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url))
const face = (name: string, file: string) =>
  readFileSync(fileURLToPath(import.meta.resolve(`@fontsource-variable/${name}/files/${file}`)))

const FILES = {
  'console.css': ['text/css; charset=utf-8', () => own('console.css')],
  'wall.svg': ['image/svg+xml', () => own('wall.svg')],
  'text.woff2': ['font/woff2', () => face('hanken-grotesk', 'hanken-grotesk-latin-wght-normal.woff2')],
  'text-ext.woff2': [
    'font/woff2',
    () => face('hanken-grotesk', 'hanken-grotesk-latin-ext-wght-normal.woff2'),
  ],
  'mono.woff2': ['font/woff2', () => face('jetbrains-mono', 'jetbrains-mono-latin-wght-normal.woff2')],
} as const satisfies Record<string, readonly [string, () => Buffer]>

/** Serves the pages' own files on one name of the plane; nothing else of the disk can be asked for. */
export function assetRoutes(app: FastifyInstance, host: string): void {
  for (const [name, [type, read]] of Object.entries(FILES)) {
    const bytes = read()
    app.get(
      `${ASSETS}/${name}`,
      { constraints: { host }, config: { kind: 'public' as const }, schema: { hide: true } },
      (_, reply) =>
        reply
          .headers({
            'content-type': type,
            'cache-control': 'max-age=300',
            'x-content-type-options': 'nosniff',
            'cross-origin-resource-policy': 'same-origin',
          })
          .send(bytes),
    )
  }
}
