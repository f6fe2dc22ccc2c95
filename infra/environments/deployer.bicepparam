using '../deployer.bicep'

// Not an environment: what the identity may do that deploys one (docs/operations/deploy.md).
param principalId = readEnvironmentVariable('DEPLOYER_PRINCIPAL_ID')
param canLock = bool(readEnvironmentVariable('DEPLOYER_CAN_LOCK', 'false'))
