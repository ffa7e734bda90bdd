// Settings of the server that show only on its connections.
import { expect, it } from 'vitest'
import { startApp } from './helpers/app.js'

it('keeps an idle connection for KEEP_ALIVE_SECONDS, and says so', async () => {
  const { send } = await startApp({ KEEP_ALIVE_SECONDS: '620' })
  expect((await send('/livez')).headers.get('keep-alive')).toMatch(/^timeout=620\b/)
  const { send: sendByDefault } = await startApp()
  expect((await sendByDefault('/livez')).headers.get('keep-alive')).toMatch(/^timeout=65\b/)
})

it('takes new connections for DRAIN_LEAD_SECONDS after it is told to stop, though nobody was connected', async () => {
  const { app, send } = await startApp({ DRAIN_LEAD_SECONDS: '2' })
  const stopped = app.stop(10_000)
  expect((await send('/readyz')).status).toBe(503)
  await stopped
  await expect(send('/readyz')).rejects.toThrow()
})
