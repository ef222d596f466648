import type { Records } from '../../../../lib/records/port.ts';
import { addWebhook } from '../../../../lib/webhooks/webhook-records.ts';

/** Makes a webhook that wants every event, at an address that is refused before anything is sent. @returns its id */
export async function unreachableWebhook(records: Records): Promise<string> {
  const webhookId = 'wh_0123456789abcdef';
  const createdAt = new Date();
  await addWebhook(records, {
    webhookId,
    url: 'https://10.0.0.1/',
    payloadVersion: 1,
    maxConcurrency: 1,
    enabled: true,
    createdAt,
    createdBy: { kind: 'root', sub: 'root' },
    authority: { lineage: { links: [] } },
    secrets: [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', createdAt }],
  });
  return webhookId;
}
