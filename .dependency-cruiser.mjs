// Who imports whom (docs/architecture.md). Types count: whoever needs a type of another room knows that room.

const PORTS = '^src/usecases/ports/'
const PACKAGES = 'node_modules/'
const NODE = '^node:'

/**
 * What these files may import: everything else is forbidden, of ours, of packages and, unless NODE is among it, of
 * Node.
 */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed, ...(allowed.includes(NODE) && { dependencyTypesNot: ['core'] }) },
})

const never = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } })

export default {
  forbidden: [
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no import that is not there', severity: 'error', from: {}, to: { couldNotResolve: true } },

    only('the core imports the core', '^src/domain/', ['^src/domain/']),
    only('lib knows nothing of ours', '^src/lib/', ['^src/lib/', PACKAGES, NODE]),
    only('use cases see the core and their ports', '^src/usecases/', [
      '^src/(domain|lib|usecases)/',
      'node_modules/uuid/',
    ]),
    only('http sees the core and the ports', '^src/http/', ['^src/(domain|lib|http)/', PORTS, PACKAGES, NODE]),
    only('adapters see the core and the ports', '^src/adapters/', [
      '^src/(domain|lib|adapters)/',
      PORTS,
      PACKAGES,
      NODE,
    ]),
    only('functions see the app and http', '^src/functions/', [
      '^src/(domain|lib|http|functions)/',
      '^src/(app|config)[.]ts$',
      PORTS,
      PACKAGES,
    ]),
    only('the settings see zod', '^src/config[.]ts$', ['node_modules/zod/']),
    only('the app imports the app', '^src/', ['^src/', PACKAGES, NODE]),

    never('the app registers no function', '^src/(app|compose)[.]ts$', '^src/functions/'),
    never('ports name no use case', PORTS, '^src/usecases/(?!ports/)'),
    never(
      'the commit knows no wing',
      '^src/usecases/commit/',
      '^src/usecases/(sending|receiving|processing|operating|broker)',
    ),
    never('who sends', '^src/usecases/sending/', '^src/usecases/(receiving|operating|broker)'),
    never('who receives', '^src/usecases/receiving/', '^src/usecases/(sending|processing|operating|broker)'),
    never('who processes', '^src/usecases/processing/', '^src/usecases/(receiving|broker)'),
    never('who operates', '^src/usecases/operating/', '^src/usecases/(sending|receiving|processing|broker)'),
    never('the contract is data', '^src/http/contract/', '^src/http/(gate|problem|serving|views|openapi|tus)/'),
    never('the gate serves nobody', '^src/http/(gate|input|problem)/', '^src/http/(serving|views|openapi|tus)/'),
    never('serving knows one protocol', '^src/http/serving/', '^src/http/(openapi|tus)/'),

    {
      name: 'Azure stays outside',
      severity: 'error',
      from: { path: '^src/(domain|lib|usecases)/|^src/config[.]ts$' },
      to: { path: '(^|node_modules/)@azure/' },
    },
    {
      name: 'http sees the types of Azure alone',
      severity: 'error',
      from: { path: '^src/http/' },
      to: { path: '(^|node_modules/)@azure/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'functions see the types of ports alone',
      severity: 'error',
      from: { path: '^src/functions/' },
      to: { path: PORTS, dependencyTypesNot: ['type-only'] },
    },

    only('the console sees the client and its packages', '^clients/console/src/', [
      '^clients/console/src/',
      '^clients/typescript/src/(?!cli/|node[.]|node/|maskinporten[.])',
      'node_modules/(preact|react|@preact/compat|@digdir/designsystemet-\\w+|@fontsource-variable/inter|chart\\.js)/',
    ]),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
