import { createApp, createSandbox } from 'minimax-files-graphql'

/** The server for the tests of a frontend, on made-up files. The sandbox counts, and fails when it is told to. */
export async function startBackend() {
  const sandbox = await createSandbox()
  const env = { PORT: '0', COMETAPI_KEY: 'any', UPSTREAM_URL: sandbox.url, CORS_ORIGINS: '*' }
  const app = await createApp({ env })
  const stop = async () => {
    await app.stop()
    await sandbox.stop()
  }
  return { url: app.url, sandbox, stop }
}
