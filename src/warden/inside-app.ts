/** Where things lie inside the sandbox of an application. */
export const insideApp = {
  release: '/app',
  files: '/files',
  database: '/run/pg',
  sockets: '/run/app',
  socket: '/run/app/app.sock',
  egress: '/run/egress',
  node: '/opt/node/bin',
  compileCache: '/opt/compile-cache',
  /** What the warden adds to some programs. */
  borgen: '/opt/borgen',
} as const
