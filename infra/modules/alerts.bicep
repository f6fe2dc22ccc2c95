@description('What the names end with')
param name string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Who is sent each alert by e-mail')
param emails string[]

@description('Who is sent each alert by SMS')
param sms { countryCode: string, phoneNumber: string }[] = []

@description('Where each alert is posted, in the common alert schema. Its address may hold a key; empty: nowhere')
@secure()
param webhookUri string = ''

@description('Application Insights')
param insightsId string

@description('The workspace behind it; empty: its cap is not watched')
param workspaceId string = ''

@description('The most gigabytes that the workspace takes in a day; -1: no end')
param logCapGB int = -1

@description('The Service Bus namespace')
param busId string

@description('The storage accounts, by what their alerts are called after')
param storageAccounts { label: string, id: string }[] = []

@description('The Event Grid topic of the verdicts; empty: it is not watched')
param topicId string = ''

@description('The app; empty: its instances are not watched')
param appId string = ''

@description('The most instances that there can be: the limit of the app, or what the quota of the region has room for, whichever is less')
param instanceLimit int = 40

@description('Address of the app, whose health is asked for from outside')
param appUrl string

@description('The gateway, and its address; empty: there is none')
param gateway { id: string, url: string } = { id: '', url: '' }

@description('The most gigabytes scanned in a month; -1: no end')
param scanCapGBPerMonth int

// docs/operations/alerts.md says what each means and what to do, docs/operations/objectives.md why the numbers are
// what they are: tests compare. Severity 1 wakes somebody, 2 waits for the morning. The names of our own metrics are
// those in src/domain/projections/metrics.ts.

// The objectives. `good` and `bad` are the outcomes that count: a call that is refused, or left by its client, is
// neither. `budget` is the share that may be bad.
type objective = { name: string, what: string, metric: string, good: string, bad: string, budget: string, urgency: int }
var objectives objective[] = [
  {
    name: 'availability'
    what: 'Calls are answered with 5xx'
    metric: 'broker.request.duration'
    good: '"served"'
    bad: '"failed", "broken"'
    budget: '0.001'
    urgency: 1
  }
  {
    name: 'publication'
    what: 'Files are published late, or never'
    metric: 'broker.publish.duration'
    good: '"inTime"'
    bad: '"late", "never"'
    budget: '0.01'
    urgency: 1
  }
  {
    name: 'events'
    what: 'Events reach Altinn late, or never'
    metric: 'broker.event.delay'
    good: '"inTime"'
    bad: '"late", "never"'
    budget: '0.01'
    urgency: 2
  }
  {
    name: 'deadlines'
    what: 'Deadlines are met late'
    metric: 'broker.deadline.lag'
    good: '"inTime"'
    bad: '"late"'
    budget: '0.01'
    urgency: 2
  }
]

// The budget of 30 days burns so many times faster than it may: 14.4 times for an hour is 2 % of it, 6 times for six
// hours is 5 %. The short window ends the alert soon after the cause.
type window = { name: string, rate: string, long: string, short: string, urgency: int }
var windows window[] = [
  { name: 'fast', rate: '14.4', long: 'PT1H', short: '5m', urgency: 1 }
  { name: 'slow', rate: '6', long: 'PT6H', short: '30m', urgency: 2 }
]

// One row when the budget burns too fast in both windows; none otherwise, nor when nothing was counted. Fewer than
// ten bad ones wake nobody. Answers about the health itself are for the probe.
func burnRate(of objective, during window) string =>
  'customMetrics | where name == "${of.metric}" and tostring(customDimensions.operation) != "getHealth" | extend outcome = tostring(customDimensions.outcome) | where outcome in (${of.good}, ${of.bad}) | extend isBad = outcome in (${of.bad}) | summarize bad = sumif(valueCount, isBad), total = sum(valueCount), badLately = sumif(valueCount, isBad and timestamp > ago(${during.short})), totalLately = sumif(valueCount, timestamp > ago(${during.short})) | where bad >= 10 and bad > ${during.rate} * ${of.budget} * total and badLately > ${during.rate} * ${of.budget} * totalLately'

var burning = flatten(map(
  objectives,
  of =>
    map(windows, during => {
      name: '${of.name}-${during.name}'
      severity: max(of.urgency, during.urgency)
      what: '${of.what}: the error budget burns ${during.rate} times too fast'
      query: burnRate(of, during)
      window: during.long
    })
))

var symptoms = [
  {
    name: 'pending-age'
    severity: 1
    what: 'A committed change has waited for more than 5 minutes to be carried out'
    // A gauge comes as one value, without a greatest.
    query: 'customMetrics | where name == "broker.pending.age" | where valueSum > 300'
  }
  {
    name: 'timers-silent'
    severity: 1
    what: 'Nobody has looked for pending changes in a quarter of an hour'
    query: 'customMetrics | where name == "broker.pending.age" | summarize looks = count() | where looks == 0'
  }
  {
    name: 'work-given-up'
    severity: 2
    what: 'A message has failed for two days and is a dead letter'
    query: 'customMetrics | where name == "broker.work.givenup" | where valueSum > 0'
  }
  {
    name: 'events-not-delivered'
    severity: 2
    what: 'More than 100 tries to deliver events to Altinn, and more than half of all, have failed'
    query: 'customMetrics | where name == "broker.event.deliveries" | where tostring(customDimensions.outcome) != "unknownParty" | summarize failed = sumif(valueSum, tostring(customDimensions.outcome) != "delivered"), tries = sum(valueSum) | where failed > 100 and failed > tries / 2'
  }
  {
    name: 'scan-slow'
    severity: 1
    what: 'Files wait for a verdict for more than 15 minutes; after an hour their transfers fail'
    query: 'customMetrics | where name == "broker.scan.slow" | where valueSum > 0'
  }
  {
    name: 'scan-failed'
    severity: 1
    what: 'The scanner gave no verdict on more than 5 files'
    query: 'customMetrics | where name == "broker.scan.duration" and tostring(customDimensions.result) == "ScanFailed" | summarize files = sum(valueCount) | where files > 5'
  }
  {
    name: 'file-withdrawn'
    severity: 1
    what: 'Malware was found in a file that had been published'
    query: 'customMetrics | where name == "broker.filetransfers.withdrawn" | where valueSum > 0'
  }
  {
    name: 'refusals'
    severity: 2
    what: 'More than 1,000 requests were refused for one reason, other than the rate limit'
    query: 'customMetrics | where name == "broker.refusals" and tostring(customDimensions.reason) != "rateLimit" | summarize refused = sum(valueSum) by tostring(customDimensions.reason) | where refused > 1000'
  }
  // What the app does not see: a worker that is gone, a body that is too large for the host. The host has 5xx for
  // clients that left, too. Only its own requests have a code above 0.
  {
    name: 'server-errors'
    severity: 1
    what: 'More than 1 of 100 calls, and more than 10, have failed in the Functions host'
    query: 'let left = exceptions | where strcat_delim(" ", type, outerMessage, innermostMessage) has_any ("ResponseBodyCanceled", "RequestBodyCanceled", "RequestCanceled", "BadHttpRequestException") | distinct operation_Id; requests | where toint(resultCode) > 0 and operation_Id !in (left) | summarize failed = sumif(itemCount, toint(resultCode) >= 500), calls = sum(itemCount) | where failed > 10 and failed * 100 > calls'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'broker'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'person-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
    smsReceivers: [
      for (phone, index) in sms: {
        name: 'phone-${index}'
        countryCode: phone.countryCode
        phoneNumber: phone.phoneNumber
      }
    ]
    webhookReceivers: empty(webhookUri) ? [] : [{ name: 'webhook', serviceUri: webhookUri, useCommonAlertSchema: true }]
  }
}

resource queries 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in concat(burning, map(symptoms, each => union(each, { window: 'PT15M' }))): {
    name: rule.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.what
      severity: rule.severity
      enabled: true
      scopes: [insightsId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      criteria: { allOf: [{ query: rule.query, operator: 'GreaterThan', threshold: 0, timeAggregation: 'Count' }] }
      autoMitigate: true
      actions: { actionGroups: [people.id] }
    }
  }
]

// What is done, or used up, by the day or the month, asked for once an hour. A backup tells its age at its end, which is
// as long as it took; and at its beginning the age of the one before, a day. Of the scans it counts all bytes, scanned or not:
// it rather comes too early. At that pace the month's cap would be reached on its 24th day.
var daily = concat(
  [
    {
      name: 'backup-stale'
      severity: 2
      what: 'No backup of the tables has become whole in 30 hours'
      scope: insightsId
      query: 'customMetrics | where name == "broker.backup.age" and timestamp > ago(30h) | summarize whole = sumif(valueCount, valueSum < 43200) | where whole == 0'
    }
    {
      name: 'nightly-silent'
      severity: 2
      what: 'In 30 hours orphans were not swept, or statistics not refreshed, to the end'
      scope: insightsId
      query: 'traces | where timestamp > ago(30h) | extend line = parse_json(message) | where tostring(line.code) == "maintenance.taskDone" | extend task = tostring(line.task) | summarize sweeps = sumif(itemCount, task == "sweepOrphans"), refreshed = sumif(itemCount, task == "refreshStatistics") | where sweeps == 0 or refreshed == 0'
    }
    {
      name: 'orphans-spared'
      severity: 1
      what: 'More files than are plausible belong to transfers that no table knows'
      scope: insightsId
      query: 'traces | extend line = parse_json(message) | where tostring(line.code) == "orphans.tooManyUnknown"'
    }
  ],
  scanCapGBPerMonth > 0
    ? [
        {
          name: 'scan-cap'
          severity: 2
          what: 'In a day more was uploaded than a 24th of what may be scanned in a month'
          scope: insightsId
          query: 'customMetrics | where name == "broker.upload.size" | summarize gigabytes = sum(valueSum) / 1000000000 | where gigabytes * 24 > ${scanCapGBPerMonth}'
        }
      ]
    : [],
  logCapGB > 0 && !empty(workspaceId)
    ? [
        {
          name: 'log-cap-near'
          severity: 2
          what: 'In a day more than 80 % was logged of what the workspace takes'
          scope: workspaceId
          query: 'Usage | where IsBillable | summarize gigabytes = sum(Quantity) / 1000 | where gigabytes * 10 > ${logCapGB} * 8'
        }
        {
          name: 'log-cap'
          severity: 1
          what: 'The workspace takes no more today, and the alerts see nothing'
          scope: workspaceId
          query: '_LogOperation | where Category =~ "Ingestion" and Detail contains "OverQuota"'
        }
      ]
    : []
)

resource dailyQueries 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in daily: {
    name: rule.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.what
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: rule.name == 'log-cap' ? 'PT15M' : 'PT1H'
      windowSize: rule.name == 'log-cap' ? 'PT15M' : contains(['backup-stale', 'nightly-silent'], rule.name) ? 'P2D' : 'P1D'
      criteria: { allOf: [{ query: rule.query, operator: 'GreaterThan', threshold: 0, timeAggregation: 'Count' }] }
      autoMitigate: true
      actions: { actionGroups: [people.id] }
    }
  }
]

// What Azure itself measures, by the names of its reference. `dimensions` narrow a metric down, or part it.
type platformAlert = {
  name: string
  severity: int
  what: string
  scope: string
  namespace: string
  metric: string
  aggregation: 'Average' | 'Maximum' | 'Minimum' | 'Total'
  above: int
  window: 'PT15M' | 'PT30M'
  dimensions: { name: string, operator: 'Include' | 'Exclude', values: string[] }[]
}
var eachEntity = [{ name: 'EntityName', operator: 'Include', values: ['*'] }]

var ofBus platformAlert[] = [
  {
    name: 'dead-letters'
    severity: 2
    what: 'A queue or a subscription has dead letters'
    scope: busId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Maximum'
    above: 0
    window: 'PT15M'
    dimensions: eachEntity
  }
  {
    name: 'queue-length'
    severity: 2
    what: 'A queue has not been shorter than 1,000 messages for half an hour'
    scope: busId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ActiveMessages'
    aggregation: 'Minimum'
    above: 1000
    window: 'PT30M'
    dimensions: eachEntity
  }
  {
    name: 'bus-throttled'
    severity: 2
    what: 'Service Bus throttled more than 100 requests'
    scope: busId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    above: 100
    window: 'PT15M'
    dimensions: []
  }
  {
    name: 'bus-errors'
    severity: 2
    what: 'More than 10 requests failed in Service Bus itself'
    scope: busId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ServerErrors'
    aggregation: 'Total'
    above: 10
    window: 'PT15M'
    dimensions: []
  }
]

var ofStorage platformAlert[] = map(storageAccounts, account => {
  name: 'throttled-${account.label}'
  severity: 2
  what: 'The account ${account.label} throttled more than 100 requests'
  scope: account.id
  namespace: 'Microsoft.Storage/storageAccounts'
  metric: 'Transactions'
  aggregation: 'Total'
  above: 100
  window: 'PT15M'
  dimensions: [
    {
      name: 'ResponseType'
      operator: 'Include'
      values: [
        'ServerBusyError'
        'ClientThrottlingError'
        'ClientAccountRequestThrottlingError'
        'ClientAccountBandwidthThrottlingError'
      ]
    }
  ]
})

var verdicts = [
  { name: 'verdicts-not-published', severity: 1, metric: 'PublishFailCount', above: 0, what: 'Defender cannot publish verdicts' }
  {
    name: 'verdicts-not-delivered'
    severity: 2
    metric: 'DeliveryAttemptFailCount'
    above: 10
    what: 'More than 10 tries to deliver a verdict failed'
  }
  { name: 'verdicts-dead-lettered', severity: 2, metric: 'DeadLetteredCount', above: 0, what: 'A verdict was not delivered in a day' }
  { name: 'verdicts-dropped', severity: 1, metric: 'DroppedEventCount', above: 0, what: 'A verdict is lost' }
]
var ofTopic platformAlert[] = map(empty(topicId) ? [] : verdicts, each => {
  name: each.name
  severity: each.severity
  what: each.what
  scope: topicId
  namespace: 'Microsoft.EventGrid/topics'
  metric: each.metric
  aggregation: 'Total'
  above: each.above
  window: 'PT15M'
  dimensions: []
})

var ofApp platformAlert[] = empty(appId)
  ? []
  : [
      {
        name: 'instances'
        severity: 2
        what: 'There are more than 80 % of the instances that there can be'
        scope: appId
        namespace: 'Microsoft.Web/sites'
        metric: 'InstanceCount'
        aggregation: 'Average'
        above: instanceLimit * 8 / 10
        window: 'PT15M'
        dimensions: []
      }
    ]

var ofGateway platformAlert[] = empty(gateway.id)
  ? []
  : [
      {
        // What the app itself has answered so is counted by its objective; a client that left is nobody's failure.
        name: 'gateway-errors'
        severity: 1
        what: 'The gateway answered more than 20 calls with 5xx that the app had not'
        scope: gateway.id
        namespace: 'Microsoft.ApiManagement/service'
        metric: 'Requests'
        aggregation: 'Total'
        above: 20
        window: 'PT15M'
        dimensions: [
          { name: 'GatewayResponseCodeCategory', operator: 'Include', values: ['5xx'] }
          { name: 'BackendResponseCodeCategory', operator: 'Exclude', values: ['5xx'] }
          { name: 'LastErrorReason', operator: 'Exclude', values: ['ClientConnectionFailure'] }
        ]
      }
      {
        name: 'gateway-capacity'
        severity: 2
        what: 'The gateway has used more than 70 % of its capacity for half an hour'
        scope: gateway.id
        namespace: 'Microsoft.ApiManagement/service'
        metric: 'Capacity'
        aggregation: 'Average'
        above: 70
        window: 'PT30M'
        dimensions: []
      }
    ]

resource platform 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in concat(ofBus, ofStorage, ofTopic, ofApp, ofGateway): {
    name: alert.name
    location: 'global'
    tags: tags
    properties: {
      description: alert.what
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'above'
            metricNamespace: alert.namespace
            metricName: alert.metric
            operator: 'GreaterThan'
            threshold: alert.above
            timeAggregation: alert.aggregation
            dimensions: alert.dimensions
          }
        ]
      }
      actions: [{ actionGroupId: people.id }]
    }
  }
]

// Flex Consumption has no probe of its own: `/health` is asked for from outside, at the app itself. The gateway would
// ask for a key there, so of it the page is asked for that each has for probes.
var probes = concat(
  [{ name: 'health', url: '${appUrl}/health', what: 'The app, or something that it needs, does not answer' }],
  empty(gateway.id) ? [] : [{ name: 'gateway', url: '${gateway.url}/status-0123456789abcdef', what: 'The gateway does not answer' }]
)

resource webtests 'Microsoft.Insights/webtests@2022-06-15' = [
  for probe in probes: {
    name: '${probe.name}-${name}'
    location: location
    tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
    kind: 'standard'
    properties: {
      SyntheticMonitorId: '${probe.name}-${name}'
      Name: probe.name
      Enabled: true
      Kind: 'standard'
      Frequency: 300
      Timeout: 30
      RetryEnabled: true
      Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'emea-se-sto-edge' }, { Id: 'emea-gb-db3-azr' }]
      Request: { RequestUrl: probe.url, HttpVerb: 'GET', ParseDependentRequests: false }
      ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
    }
  }
]

resource unanswered 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for (probe, index) in probes: {
    name: probe.name
    location: 'global'
    tags: tags
    properties: {
      description: probe.what
      severity: 1
      enabled: true
      scopes: [insightsId, webtests[index].id]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
        componentId: insightsId
        webTestId: webtests[index].id
        failedLocationCount: 2
      }
      actions: [{ actionGroupId: people.id }]
    }
  }
]
