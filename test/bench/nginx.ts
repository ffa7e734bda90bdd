// nginx, which passes on all that it gets: what the transfers are measured against.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { closedUrl } from '../helpers/faults.js'
import { isPinned } from './peer.js'

/** Why it is not measured here, if it is not. */
export const withoutNginx = !isInstalled() && 'nginx is not installed'

function isInstalled(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function toConfig(folder: string, port: string, upstream: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 64; }
http {
  access_log off; client_max_body_size 0;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream}; proxy_http_version 1.1; proxy_set_header connection '';
      proxy_request_buffering off; proxy_buffering off;
    }
  }
}`
}

/** On the core of the server. */
export async function startNginx(upstream: string): Promise<{ readonly url: string; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'))
  const url = await closedUrl()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, toConfig(folder, new URL(url).port, upstream))
  const command = ['nginx', '-p', folder, '-e', join(folder, 'error.log'), '-c', file]
  const [program = '', ...args] = isPinned ? ['taskset', '-c', '0', ...command] : command
  const child = spawn(program, args, { stdio: 'ignore' })
  while (!(await answers(url))) await delay(20)
  return {
    url: url.replace(/\/$/, ''),
    stop: () => {
      child.once('exit', () => rmSync(folder, { recursive: true, force: true }))
      child.kill('SIGTERM')
    },
  }
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
