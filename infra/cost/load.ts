/** What a stage carries in a month, for an estimate. */
export interface Load {
  readonly apiRequests: number;
  readonly uploads: number;
  readonly downloads: number;
  readonly storedGigabytes: number;
  readonly downloadedGigabytes: number;
}

/** What is taken for granted beside the load: measured, or chosen. */
export const assumptions = {
  /** Of the API function, as the benchmark of the cold start shows with room to spare. */
  callMilliseconds: 20,
  /** Calls that find no execution environment waiting; each begins with a reading of the flags. */
  coldStartShare: 0.005,
  /** Execution environments at work, on average: each asks for the flags once a minute. */
  busyEnvironments: 1,
  /** Two lines a request: the API's access log and the function's own. */
  logBytesPerRequest: 1_500,
  traceShare: 0.05,
  recordWritesPerUpload: 2,
  recordReadsPerRequest: 0.1,
  eventsPerUpload: 1,
  /** Of the uploads, those that overwrite what the CDN may have; each is two paths to invalidate. */
  overwrittenShare: 0.01,
  /** Received, deleted, and the empty answers between. */
  queueRequestsPerEvent: 4,
  /** Of a function that works on a queue, for a message: it asks storage and records. */
  eventMilliseconds: 100,
  /** Webhooks that want an event. */
  deliveriesPerEvent: 1,
  /** Of the function that delivers: the receiver takes its time. */
  deliveryMilliseconds: 300,
  /** The delivery, when it is due, and the webhook's lane; those in a transaction count twice. */
  recordWritesPerDelivery: 10,
  recordReadsPerDelivery: 8,
  /** Of what is stored, in backups and versions. */
  backedUpShare: 1.2,
} as const;

/** A small team's: a tenth of a request a second, a hundred thousand files. */
export const usualLoad: Load = {
  apiRequests: 300_000,
  uploads: 100_000,
  downloads: 500_000,
  storedGigabytes: 100,
  downloadedGigabytes: 200,
};
