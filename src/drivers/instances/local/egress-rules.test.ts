import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isListed, mayReach, parseAuthority } from './egress-rules.ts'

const allowed = [
  { host: 'api.example.com', port: 443 },
  { host: '10.1.2.3', port: 5432 },
  { host: 'fd00::7', port: 80 },
]

test('only exactly what is listed passes', () => {
  for (const [host, port, listed] of [
    ['api.example.com', 443, true],
    ['API.example.com.', 443, true],
    ['api.example.com', 80, false],
    ['evil-api.example.com', 443, false],
    ['api.example.com.evil.test', 443, false],
    ['example.com', 443, false],
    ['10.1.2.3', 5432, true],
    ['::ffff:10.1.2.3', 5432, true],
    ['10.1.2.4', 5432, false],
    ['fd00:0:0:0:0:0:0:7', 80, true],
  ] as const) {
    assert.equal(isListed(allowed, host, port), listed, `${host}:${port}`)
  }
})

test('an address that is not public passes only when it is listed itself', () => {
  for (const [address, port, reach] of [
    ['93.184.215.14', 443, true],
    ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 443, true],
    ['127.0.0.1', 443, false],
    ['169.254.169.254', 80, false],
    ['::ffff:169.254.169.254', 80, false],
    ['10.1.2.3', 443, false],
    ['10.1.2.3', 5432, true],
    ['192.168.0.1', 443, false],
    ['100.64.0.1', 443, false],
    ['0.0.0.0', 443, false],
    ['fe80::1', 443, false],
    ['fd00::7', 80, true],
    ['fd00::8', 80, false],
    ['not an address', 443, false],
  ] as const) {
    assert.equal(mayReach(allowed, address, port), reach, `${address}:${port}`)
  }
})

test('a CONNECT target is host and port and nothing else', () => {
  assert.deepEqual(parseAuthority('[::1]:80'), { host: '::1', port: 80 })
  assert.deepEqual(parseAuthority('a.test:443'), { host: 'a.test', port: 443 })
  for (const wrong of [
    'a.test',
    'a.test:0',
    'a.test:70000',
    'http://a.test:80',
    'a@b:80',
    'a.test:80/x',
    ':80',
    '',
  ]) {
    assert.equal(parseAuthority(wrong), undefined, wrong)
  }
})
