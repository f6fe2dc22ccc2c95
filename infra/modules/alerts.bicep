@description('What the names end with')
param name string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Who is told')
param emails string[]

@description('Application Insights')
param insightsId string

@description('The Service Bus namespace')
param busId string

@description('Address of the app, whose health is asked for from outside')
param appUrl string

@description('The most gigabytes scanned in a month; -1: no end')
param scanCapGBPerMonth int

// docs/operations/alerts.md says what each means and what to do, docs/operations/objectives.md why the numbers are
// what they are: tests compare. Severity 1 wakes somebody, 2 waits for the morning. The names of our own metrics are
// those in src/domain/measurements.ts.

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
  // Place of `backup-stale`, which comes with the nightly export of the tables.
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

// Of all bytes, scanned or not: it rather comes too early. At this pace the month's cap would be reached on its 24th day.
resource scanCap 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = if (scanCapGBPerMonth > 0) {
  name: 'scan-cap'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'In a day more was uploaded than a 24th of what may be scanned in a month'
    severity: 2
    enabled: true
    scopes: [insightsId]
    evaluationFrequency: 'PT1H'
    windowSize: 'P1D'
    criteria: {
      allOf: [
        {
          query: 'customMetrics | where name == "broker.upload.size" | summarize gigabytes = sum(valueSum) / 1000000000 | where gigabytes * 24 > ${scanCapGBPerMonth}'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Count'
        }
      ]
    }
    autoMitigate: true
    actions: { actionGroups: [people.id] }
  }
}

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'dead-letters'
  location: 'global'
  tags: tags
  properties: {
    description: 'A queue or a subscription has dead letters'
    severity: 2
    enabled: true
    scopes: [busId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'any'
          metricName: 'DeadletteredMessages'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Maximum'
          dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

// Flex Consumption has no probe of its own: `/health` is asked for from outside.
resource probe 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-${name}'
  location: location
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${name}'
    Name: 'health'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'emea-se-sto-edge' }, { Id: 'emea-gb-db3-azr' }]
    Request: { RequestUrl: '${appUrl}/health', HttpVerb: 'GET', ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource health 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'health'
  location: 'global'
  tags: tags
  properties: {
    description: 'The app, or something that it needs, does not answer'
    severity: 1
    enabled: true
    scopes: [insightsId, probe.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      componentId: insightsId
      webTestId: probe.id
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: people.id }]
  }
}
