// gateway.config.js
export const gatewayConfig = {
  supergraph: './supergraph.graphql',
  propagateHeaders: {
    fromClientToSubgraphs: ({ subgraphName }) =>
      subgraphName === 'files' ? { 'Router-Authorization': process.env.FILES_TOKEN } : {},
  },
  transportEntries: { files: { options: { method: 'POST' } } }, // subscriptions, which it would send by GET
}
