using '../main.bicep'

// A variable that GitHub does not have arrives as an empty text: as good as none where it need not be set, and refused
// where it must be.
var hasKey = readEnvironmentVariable('HAS_ALTINN_SUBSCRIPTION_KEY', '')
var operatorAddress = readEnvironmentVariable('OPERATOR_ADDRESS', '')

// Three zones, locks, a private network (the defaults of this environment), and a gateway.
param environmentName = 'prod'
param emails = [readEnvironmentVariable('ALERT_EMAIL')]
param budgetPerMonth = 50000
param gatewayTier = 'Standard'
param maximumInstances = 200
param alwaysReadyForHttp = 2
param instanceMemoryMB = 4096
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
  OTEL_TRACES_SAMPLER_ARG: '0.1'
  STATISTICS_API_KEY_HASH: readEnvironmentVariable('STATISTICS_API_KEY_HASH', '')
}
