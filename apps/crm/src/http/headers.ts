import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '../config.ts'

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function setSecurityHeaders(response: ServerResponse, secure: boolean): void {
  response.setHeader('content-security-policy', CSP)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('cross-origin-embedder-policy', 'require-corp')
  response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  if (secure) response.setHeader('strict-transport-security', 'max-age=31536000')
}

const first = (header: string | string[] | undefined): string | undefined =>
  (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim()

/** Whoever reaches a Unix socket is the proxy in front, so only there are its X-Forwarded headers believed. */
const behindProxy = (config: Config): boolean => 'socket' in config.listen

export function isSecure(config: Config, request: IncomingMessage): boolean {
  if (config.publicUrl) return config.publicUrl.protocol === 'https:'
  return behindProxy(config) && first(request.headers['x-forwarded-proto']) === 'https'
}

export function requestHost(config: Config, request: IncomingMessage): string {
  if (config.publicUrl) return config.publicUrl.host
  const forwarded = behindProxy(config) ? first(request.headers['x-forwarded-host']) : undefined
  return forwarded ?? request.headers.host ?? ''
}

/** The address nearest to us that the proxy vouches for is the last one. */
export function clientAddress(config: Config, request: IncomingMessage): string {
  const header = request.headers['x-forwarded-for']
  const forwarded =
    behindProxy(config) && typeof header === 'string' ? header.split(',').at(-1)?.trim() : undefined
  return forwarded || request.socket.remoteAddress || 'local'
}

export const cookieName = (secure: boolean): string => (secure ? '__Host-crm' : 'crm')

export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}

export function cookie(value: string, secure: boolean, maxAgeSeconds: number): string {
  const flags = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`
  return `${cookieName(secure)}=${value}; ${flags}${secure ? '; Secure' : ''}`
}
