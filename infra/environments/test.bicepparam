using '../main.bicep'

import { phonesOf } from 'variables.bicep'

// A variable that GitHub does not have arrives as an empty text: as good as none where it need not be set, and refused
// where it must be.
var hasKey = readEnvironmentVariable('HAS_ALTINN_SUBSCRIPTION_KEY', '')

// For those who integrate: behind a gateway as in prod, but of the tier without promises, and without a private network.
param environmentName = 'test'
param emails = [readEnvironmentVariable('ALERT_EMAIL')]
param sms = phonesOf(readEnvironmentVariable('ALERT_SMS', ''))
param webhookUri = readEnvironmentVariable('ALERT_WEBHOOK', '')
param budgetPerMonth = 5000
param budgetFrom = readEnvironmentVariable('BUDGET_FROM')
param gatewayTier = 'Developer'
param scanCapGBPerMonth = 500
param logCapGB = 5
param hasAltinnSubscriptionKey = empty(hasKey) || bool(hasKey)

param settings = {
  HOSTING_ENVIRONMENT: 'staging'
  ALTINN_PLATFORM_URL: 'https://platform.tt02.altinn.no/'
  TOKEN_ISSUERS: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/.well-known/openid-configuration https://test.maskinporten.no/.well-known/oauth-authorization-server'
  MASKINPORTEN_METADATA_URL: 'https://test.maskinporten.no/.well-known/oauth-authorization-server'
  MASKINPORTEN_CLIENT_ID: readEnvironmentVariable('MASKINPORTEN_CLIENT_ID')
  STATISTICS_API_KEY_HASH: readEnvironmentVariable('STATISTICS_API_KEY_HASH', '')
}
