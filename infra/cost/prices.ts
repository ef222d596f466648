/**
 * AWS's list prices in us-east-1, in dollars, as of November 2026: without free tiers, discounts and taxes. Other regions
 * differ by some percent.
 *
 * @see https://aws.amazon.com/pricing/
 */
export const prices = {
  /** A month of something that is there. */
  monthly: {
    key: 1,
    secret: 0.4,
    alarmedMetric: 0.1,
    customMetric: 0.3,
    dashboard: 3,
    firewall: 5,
    firewallRule: 1,
    /** 0.01 an hour. */
    endpointInterface: 7.3,
    warmGigabyte: 0.0000033334 * 730 * 3_600,
  },
  perMillion: {
    httpApiRequests: 1,
    restApiRequests: 3.5,
    functionCalls: 0.2,
    /** One in twenty requests is traced. */
    traces: 5,
    putRequests: 5,
    getRequests: 0.4,
    recordWrites: 0.625,
    recordReads: 0.125,
    events: 1,
    queueRequests: 0.4,
    edgeRequests: 1,
    edgeFunctionCalls: 0.1,
    firewallRequests: 0.6,
    invalidatedPaths: 5_000,
    flagRequests: 0.2,
    flagsReceived: 800,
    scannedObjects: 215,
  },
  perGigabyte: {
    stored: 0.023,
    backedUp: 0.05,
    sentByStorage: 0.09,
    sentByEdge: 0.085,
    /** Between regions, with the promise of 15 minutes. */
    replicated: 0.02 + 0.015,
    logged: 0.5,
    scanned: 0.09,
  },
  functionGigabyteSecond: 0.0000133334,
} as const;
