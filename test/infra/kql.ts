import { createRequire } from 'node:module'

// The parser and the analysis of Kusto's own editors. It is compiled from C#, and finds its parts in the global scope.

type Symbol = { WithName(name: string): Symbol }
type Diagnostic = { Severity: string; Code: string; Message: string }
type Kusto = {
  KustoCode: { ParseAndAnalyze(text: string, globals: unknown): { GetDiagnostics(): unknown } }
  GlobalState: { Default: { WithDatabase(database: unknown): unknown } }
  Symbols: {
    TableSymbol: { From(schema: string): Symbol }
    DatabaseSymbol: { ctor: new (name: string, members: Symbol[]) => unknown }
  }
}

const require = createRequire(import.meta.url)
require('@kusto/language-service-next/bridge.min.js')
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
const { Kusto, Bridge } = globalThis as unknown as {
  Kusto: { Language: Kusto }
  Bridge: { toArray(list: unknown): Diagnostic[] }
}
const { KustoCode, GlobalState, Symbols } = Kusto.Language

const ITEM = `timestamp: datetime, itemId: string, itemType: string, itemCount: int, customDimensions: dynamic, customMeasurements: dynamic,
  operation_Id: string, operation_ParentId: string, operation_Name: string, operation_SyntheticSource: string, session_Id: string,
  user_Id: string, user_AuthenticatedId: string, user_AccountId: string, application_Version: string, client_Type: string, client_Model: string,
  client_OS: string, client_IP: string, client_City: string, client_StateOrProvince: string, client_CountryOrRegion: string,
  client_Browser: string, cloud_RoleName: string, cloud_RoleInstance: string, appId: string, appName: string, iKey: string, sdkVersion: string`

/** Columns as a query of Application Insights sees them: it has the classic names of tables and columns. */
const INSIGHTS = {
  requests: `${ITEM}, id: string, source: string, name: string, url: string, success: string, resultCode: string, duration: real,
    performanceBucket: string`,
  traces: `${ITEM}, message: string, severityLevel: int`,
  exceptions: `${ITEM}, problemId: string, handledAt: string, type: string, message: string, assembly: string, method: string,
    outerType: string, outerMessage: string, outerAssembly: string, outerMethod: string, innermostType: string, innermostMessage: string,
    innermostAssembly: string, innermostMethod: string, severityLevel: int, details: dynamic`,
  dependencies: `${ITEM}, id: string, target: string, type: string, name: string, data: string, success: string, resultCode: string,
    duration: real, performanceBucket: string`,
  customMetrics: `${ITEM}, name: string, value: real, valueCount: int, valueSum: real, valueMin: real, valueMax: real, valueStdDev: real`,
  availabilityResults: `${ITEM}, id: string, name: string, location: string, success: string, message: string, size: real, duration: real,
    performanceBucket: string`,
}

const RESOURCE = '_ResourceId: string, TenantId: string, SourceSystem: string, Type: string'

/** Columns of the workspace's own tables that are used here, with its function `_LogOperation`. */
const WORKSPACE = {
  _LogOperation: `TimeGenerated: datetime, Category: string, Operation: string, Level: string, Detail: string, Computer: string,
    CorrelationId: string, ${RESOURCE}`,
  Usage: `TimeGenerated: datetime, DataType: string, Solution: string, Quantity: real, QuantityUnit: string, IsBillable: bool,
    StartTime: datetime, EndTime: datetime, ${RESOURCE}`,
  AegDeliveryFailureLogs: `TimeGenerated: datetime, OperationName: string, EventSubscriptionName: string, Message: string, Category: string, ${RESOURCE}`,
  AegPublishFailureLogs: `TimeGenerated: datetime, OperationName: string, Message: string, Category: string, ${RESOURCE}`,
  ApiManagementGatewayLogs: `TimeGenerated: datetime, CorrelationId: string, CallerIpAddress: string, Method: string, OperationId: string,
    ApimSubscriptionId: string, ResponseCode: int, BackendResponseCode: int, LastErrorReason: string, LastErrorMessage: string,
    LastErrorSource: string, IsRequestSuccess: bool, TotalTime: long, BackendTime: long, ClientTime: long, Url: string, ${RESOURCE}`,
}

const database = (tables: Record<string, string>) =>
  GlobalState.Default.WithDatabase(
    new Symbols.DatabaseSymbol.ctor(
      'telemetry',
      Object.entries(tables).map(([name, columns]) => Symbols.TableSymbol.From(`(${columns})`).WithName(name)),
    ),
  )

const databases = {
  insights: database(INSIGHTS),
  workspace: database(WORKSPACE),
  anywhere: database({ ...INSIGHTS, ...WORKSPACE }),
}

/** What is wrong with a query, as Kusto's own analysis says it: with its grammar, its tables, columns and functions. */
export function faultsIn(query: string, asked: keyof typeof databases = 'anywhere'): string[] {
  if (query.trim() === '') return ['The query is empty.']
  const diagnostics = Bridge.toArray(KustoCode.ParseAndAnalyze(query, databases[asked]).GetDiagnostics())
  return diagnostics.map(({ Severity, Code, Message }) => `${Severity} ${Code}: ${Message}`)
}

/** The queries in a page: spans and blocks of code that begin with a name and a pipe, or with `let`. */
export function queriesIn(page: string): string[] {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, text = '']) => text)
  const spans = [...page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
  return [...blocks, ...spans].filter((text) => /^\s*(let\s+\w+\s*=|\w+\s*\|\s*[a-z])/.test(text))
}
