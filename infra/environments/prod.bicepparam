using '../main.bicep'

import { phonesOf } from 'variables.bicep'

// A variable that GitHub does not have arrives as an empty text: as good as none where it need not be set, and refused
// where it must be.
var hasKey = readEnvironmentVariable('HAS_ALTINN_SUBSCRIPTION_KEY', '')
var operatorAddress = readEnvironmentVariable('OPERATOR_ADDRESS', '')

// Three zones, locks, a private network (the defaults of this environment), and a gateway.
param environmentName = 'prod'
param emails = [readEnvironmentVariable('ALERT_EMAIL')]
param sms = phonesOf(readEnvironmentVariable('ALERT_SMS', ''))
param webhookUri = readEnvironmentVariable('ALERT_WEBHOOK', '')
param budgetPerMonth = 50000
param budgetFrom = readEnvironmentVariable('BUDGET_FROM')
param gatewayTier = 'Standard'
param maximumInstances = 150
param alwaysReadyForHttp = 2
param scanCapGBPerMonth = 5000
param softDeleteDays = 14
param logRetentionDays = 90
param logCapGB = -1
param operatorAddresses = empty(operatorAddress) ? [] : [operatorAddress]
param hasAltinnSubscriptionKey = empty(hasKey) || bool(hasKey)

param settings = {
  HOSTING_ENVIRONMENT: 'production'
  ALTINN_PLATFORM_URL: 'https://platform.altinn.no/'
  TOKEN_ISSUERS: 'https://platform.altinn.no/authentication/api/v1/openid/.well-known/openid-configuration https://maskinporten.no/.well-known/oauth-authorization-server'
  MASKINPORTEN_METADATA_URL: 'https://maskinporten.no/.well-known/oauth-authorization-server'
  MASKINPORTEN_CLIENT_ID: readEnvironmentVariable('MASKINPORTEN_CLIENT_ID')
  // What is stored of a purged transfer, with the numbers and the file name in it: searchable for a year, and for another one found by its id, for who asks
  // late what became of a file. Nobody needs it for ever.
  SEARCH_RETENTION_DAYS: '365'
  METADATA_RETENTION_DAYS: '730'
  OTEL_TRACES_SAMPLER_ARG: '0.1'
  STATISTICS_API_KEY_HASH: readEnvironmentVariable('STATISTICS_API_KEY_HASH', '')
}
