using '../main.bicep'

import { phonesOf, wordsOf } from 'variables.bicep'

// A variable that GitHub does not have arrives as an empty text: as good as none.
var alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
var clientId = readEnvironmentVariable('MASKINPORTEN_CLIENT_ID', '')
var hasKey = readEnvironmentVariable('HAS_ALTINN_SUBSCRIPTION_KEY', '')

// The smallest that does everything: no gateway, no private network, one zone.
param environmentName = 'dev'
param emails = [empty(alertEmail) ? 'nobody@example.org' : alertEmail]
param sms = phonesOf(readEnvironmentVariable('ALERT_SMS', ''))
param webhookUri = readEnvironmentVariable('ALERT_WEBHOOK', '')
param budgetPerMonth = 2000
param budgetFrom = readEnvironmentVariable('BUDGET_FROM')
param callerAddresses = wordsOf(readEnvironmentVariable('CALLER_ADDRESSES', ''))
param scanCapGBPerMonth = 50
param hasAltinnSubscriptionKey = empty(hasKey) || bool(hasKey)

param settings = {
  HOSTING_ENVIRONMENT: 'test'
  ALTINN_PLATFORM_URL: 'https://platform.tt02.altinn.no/'
  TOKEN_ISSUERS: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/.well-known/openid-configuration https://test.maskinporten.no/.well-known/oauth-authorization-server'
  MASKINPORTEN_METADATA_URL: 'https://test.maskinporten.no/.well-known/oauth-authorization-server'
  MASKINPORTEN_CLIENT_ID: empty(clientId) ? 'not-yet-known' : clientId
  STATISTICS_API_KEY_HASH: readEnvironmentVariable('STATISTICS_API_KEY_HASH', '')
}
