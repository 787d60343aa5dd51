// An application that does what it is told to: runs the probes with its own rights, or misbehaves.
import { spawn } from 'node:child_process'
import { closeSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'

const server = createServer(async (request, answer) => {
  let body = ''
  for await (const part of request) body += part
  const reply = await behave(request.url, body).catch((error) => `failed ${error}`)
  answer.end(reply)
})

async function behave(url, body) {
  if (url === '/probe') return run('perl', ['/app/probe.pl'], body)
  if (url === '/fork-bomb') return String(forkBomb())
  if (url === '/descriptors')
    return run(
      'perl',
      [
        '-e',
        'print join(",", sort { $a <=> $b } map { m{(\\d+)$} } glob "/proc/$ARGV[0]/fd/*")',
        String(process.pid),
      ],
      '',
    )
  if (url === '/memory-hog') {
    const held = []
    for (let at = 0; at < 4096; at++) held.push(Buffer.alloc(1024 * 1024, at))
    return String(held.length)
  }
  if (url?.startsWith('/fill')) {
    const chunk = Buffer.alloc(1024 * 1024, 1)
    let written = 0
    try {
      for (let file = 0; file < 64; file++) {
        const fd = openSync(`/files/filler-${file}`, 'w')
        for (let at = 0; at < 64; at++) written += writeSync(fd, chunk)
        closeSync(fd)
        // Other work must go on, as it would in a real application.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    } catch (error) {
      return `stopped at ${written}: ${error.code}`
    }
    return `wrote ${written}`
  }
  if (url === '/tmp-fill') {
    let written = 0
    const fd = openSync('/tmp/filler', 'w')
    try {
      for (let at = 0; at < 4096; at++) written += writeSync(fd, Buffer.alloc(1024 * 1024, 1))
    } catch {}
    closeSync(fd)
    unlinkSync('/tmp/filler')
    return String(written)
  }
  return 'ok'
}

function forkBomb() {
  // Children that fork in turn, for a while; how many there are is counted from outside.
  const script = 'for (1..12) { fork() } sleep 20'
  for (let at = 0; at < 4; at++) spawn('perl', ['-e', script], { stdio: 'ignore' }).on('error', () => {})
  return 0
}

function run(command, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args)
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    child.on('error', reject)
    child.on('close', () => resolve(said))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

try {
  statSync(process.env.SOCKET_PATH)
  unlinkSync(process.env.SOCKET_PATH)
} catch {}
server.listen(process.env.SOCKET_PATH)
