import { JSON_BODY, type Operation } from './operation.js'
import { monthlyStatistics } from './requests/queries.js'
import { dailySummary, ofResource, resourceChange, serviceOwner } from './requests/requests.js'
import { dailySummaryReport } from './responses/operatorResponses.js'
import { resourceConfiguration, serviceOwnerOverview } from './responses/serviceOwnerResponses.js'
import { SERVICE_OWNER } from './scopes.js'

const API_KEY = 'Whoever knows the key for statistics, in the header `X-API-Key`.'

/** Operations of service owners: resources, themselves, and statistics. */
export const resourceRows = {
  configureResource: {
    summary: 'Configures a resource of the service owner; what is not given stays as it is',
    description:
      'The caller must be the owner of the resource in Altinn Resource Registry and registered as a service owner. Durations are ISO 8601, such as `P30D`.',
    method: 'PUT',
    path: 'broker/api/v1/resource/{resourceId}',
    scopes: [SERVICE_OWNER],
    params: ofResource,
    body: { schema: resourceChange, parameter: 'resourceExt' },
    consumes: JSON_BODY,
    produces: JSON_BODY,
    success: { status: 204 },
    problems: [
      'InvalidResourceDefinition',
      'NoAccessToResource',
      'ServiceOwnerHasNotBeenConfigured',
      'MaxUploadSizeCannotBeNegative',
      'MaxUploadSizeCannotBeZero',
      'MaxUploadSizeForVirusScan',
      'MaxUploadSizeOverGlobal',
      'InvalidTimeToLiveFormat',
      'TimeToLiveCannotExceed365Days',
      'InvalidMaxTimeToLiveFormat',
      'MaxTimeToLiveCannotExceed365Days',
      'InvalidGracePeriodFormat',
      'GracePeriodCannotExceed24Hours',
    ],
  },
  getResource: {
    summary: 'Tells how a resource is configured',
    description: 'Durations are written as `d.hh:mm:ss`, reminders as `P7D`.',
    method: 'GET',
    path: 'broker/api/v1/resource/{resourceId}',
    scopes: [SERVICE_OWNER],
    params: ofResource,
    consumes: JSON_BODY,
    produces: JSON_BODY,
    success: { status: 200, json: resourceConfiguration },
    problems: ['ResourceHasNotBeenConfigured', 'NoAccessToResource'],
  },
  registerServiceOwner: {
    summary: 'Registers the caller as a service owner',
    description: 'Done once, before the first resource is configured. The organisation is the one in the token.',
    method: 'POST',
    path: 'broker/api/v1/serviceowner',
    scopes: [SERVICE_OWNER],
    body: {
      schema: serviceOwner,
      parameter: 'serviceOwnerInitializeExt',
      demanded: 'name',
    },
    consumes: JSON_BODY,
    success: { status: 200 },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerAlreadyExists', 'ServiceOwnerInitializationFailed'],
  },
  getServiceOwner: {
    summary: 'Tells what is known of the caller as a service owner',
    description: 'Its name, and whether the storage for its files is ready.',
    method: 'GET',
    path: 'broker/api/v1/serviceowner',
    scopes: [SERVICE_OWNER],
    produces: JSON_BODY,
    success: { status: 200, json: serviceOwnerOverview },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
  getMonthlyStatistics: {
    summary: 'Counts the file transfers of a month, as CSV',
    description:
      'One row for each combination of resource, sender and recipient. Without a resource all resources of the service owner are counted.',
    method: 'GET',
    path: 'broker/api/v1/statistics/monthly',
    scopes: [SERVICE_OWNER],
    query: monthlyStatistics,
    produces: 'text/csv',
    success: { status: 200, content: 'text/csv', headers: ['Content-Disposition'] },
    problems: [
      'InvalidMonthFormat',
      'EndUserAndVendorBothExcluded',
      'NoAccessToResource',
      'ResourceHasNotBeenConfigured',
    ],
  },
  generateDailySummary: {
    summary: 'Makes the daily report of all service owners, and keeps it',
    description: 'One Parquet file with a row for each day, service owner, sender, recipient and resource.',
    isInternal: true,
    guard: API_KEY,
    method: 'POST',
    path: 'broker/api/v1/statistics/generate-daily-summary',
    scopes: [],
    body: { schema: dailySummary, parameter: 'request' },
    produces: JSON_BODY,
    success: { status: 200, json: dailySummaryReport },
    problems: ['NoFileTransfersFound', 'ReportGenerationFailed'],
  },
  downloadDailySummary: {
    summary: 'Makes the daily report of all service owners, and answers with it',
    description: 'The same report as a file in the answer; it is not kept.',
    isInternal: true,
    guard: API_KEY,
    method: 'POST',
    path: 'broker/api/v1/statistics/generate-and-download-daily-summary',
    scopes: [],
    body: { schema: dailySummary, parameter: 'request' },
    produces: 'application/octet-stream',
    success: { status: 200, content: 'application/octet-stream', headers: ['Content-Disposition'] },
    problems: ['NoFileTransfersFound', 'ReportGenerationFailed'],
  },
} as const satisfies Record<string, Operation>
