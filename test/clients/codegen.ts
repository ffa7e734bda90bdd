import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: 'node_modules/minimax-files-graphql/schema/published/api.graphql',
  documents: 'src/**/*.ts',
  emitLegacyCommonJSImports: false, // imports end in .js
  generates: {
    'src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        strictScalars: true,
        useTypeImports: true,
        // A number would round an id beyond 2^53 to another file's.
        scalars: { ID: 'string', DateTime: 'string', SafeInt: 'number', URL: 'string' },
      },
    },
  },
}

export default config
