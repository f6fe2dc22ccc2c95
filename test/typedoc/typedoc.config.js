import { OptionDefaults } from 'typedoc'

const client = '../../clients/typescript'

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: '@altinn/broker-client',
  entryPoints: ['index', 'node', 'maskinporten'].map((name) => `${client}/src/${name}.ts`),
  tsconfig: `${client}/tsconfig.json`,
  readme: `${client}/README.md`,
  out: '../../build/typedoc',
  disableSources: true,
  intentionallyNotExported: ['Schemas', 'components'],
  // In the types that are generated from openapi.json.
  blockTags: [...OptionDefaults.blockTags, '@description'],
  requiredToBeDocumented: ['Function', 'Class', 'Variable', 'TypeAlias', 'Method'],
  validation: { notExported: true, invalidLink: true, notDocumented: true, invalidPath: true },
  treatWarningsAsErrors: true,
}
