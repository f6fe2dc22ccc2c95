@description('What a month may cost, in the currency of the subscription')
param amount int

@description('Who is told')
param emails string[]

@description('The month in which it was made, as yyyy-MM-01; it cannot be changed')
param from string

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: 'monthly'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: from }
    notifications: {
      spent: { enabled: true, operator: 'GreaterThan', threshold: 80, thresholdType: 'Actual', contactEmails: emails }
      expected: { enabled: true, operator: 'GreaterThan', threshold: 110, thresholdType: 'Forecasted', contactEmails: emails }
    }
  }
}
