import type { Api } from './api.ts';
import type {
  Delivery,
  DeliveryDetails,
  DeliveryPage,
  NewWebhook,
  ReplayRange,
  RotatedSecret,
  Webhook,
  WebhookChange,
  WebhookRequest,
} from './webhook-contract.ts';

interface Signal {
  readonly signal?: AbortSignal | undefined;
}

/** Webhooks, as far as the caller may administer what they name. */
export interface WebhookCalls {
  /** All that the caller may see. */
  list(options?: Signal): Promise<readonly Webhook[]>;
  get(webhookId: string, options?: Signal): Promise<Webhook>;
  /** The secret in the answer is told this once. */
  create(request: WebhookRequest, options?: Signal): Promise<NewWebhook>;
  /** What is absent stays; `null` takes away. */
  change(webhookId: string, change: WebhookChange, options?: Signal): Promise<Webhook>;
  /** @param overlapSeconds - how long requests are signed with the old secrets, too. Default: a day */
  rotateSecret(
    webhookId: string,
    options?: Signal & { readonly overlapSeconds?: number },
  ): Promise<RotatedSecret>;
  delete(webhookId: string, options?: Signal): Promise<void>;
  /** Has a `webhook.ping` sent. */
  ping(webhookId: string, options?: Signal): Promise<Pick<Delivery, 'deliveryId'>>;
  /** One page of what was sent, the newest events first. */
  deliveries(
    webhookId: string,
    options?: Signal & { readonly limit?: number; readonly cursor?: string },
  ): Promise<DeliveryPage>;
  /** What was sent, and each answer. */
  delivery(deliveryId: string, options?: Signal): Promise<DeliveryDetails>;
  /** Has a delivery sent once more. */
  replay(deliveryId: string, options?: Signal): Promise<void>;
  /** Has all that happened in a stretch of time sent once more. */
  replayRange(webhookId: string, range: ReplayRange, options?: Signal): Promise<void>;
}

export function webhookCalls(api: Api): WebhookCalls {
  const pathOf = (webhookId: string) => `/v1/webhooks/${encodeURIComponent(webhookId)}`;
  const deliveryPath = (deliveryId: string) => `/v1/deliveries/${encodeURIComponent(deliveryId)}`;
  return {
    list: async ({ signal } = {}) => {
      const all: Webhook[] = [];
      let cursor: string | undefined;
      do {
        const page = await api.request<{ webhooks: readonly Webhook[]; cursor?: string }>({
          method: 'GET',
          path: '/v1/webhooks',
          query: { cursor },
          signal,
        });
        all.push(...page.webhooks);
        cursor = page.cursor;
      } while (cursor !== undefined);
      return all;
    },
    get: (webhookId, { signal } = {}) => api.request({ method: 'GET', path: pathOf(webhookId), signal }),
    create: (body, { signal } = {}) => api.request({ method: 'POST', path: '/v1/webhooks', body, signal }),
    change: (webhookId, body, { signal } = {}) =>
      api.request({ method: 'PATCH', path: pathOf(webhookId), body, signal }),
    rotateSecret: (webhookId, { signal, overlapSeconds } = {}) =>
      api.request({
        method: 'POST',
        path: `${pathOf(webhookId)}/rotate-secret`,
        body: { overlapSeconds },
        signal,
      }),
    delete: (webhookId, { signal } = {}) =>
      api.request({ method: 'DELETE', path: pathOf(webhookId), signal }),
    ping: (webhookId, { signal } = {}) =>
      api.request({ method: 'POST', path: `${pathOf(webhookId)}/ping`, signal }),
    deliveries: (webhookId, { limit, cursor, signal } = {}) =>
      api.request({
        method: 'GET',
        path: `${pathOf(webhookId)}/deliveries`,
        query: { limit, cursor },
        signal,
      }),
    delivery: (deliveryId, { signal } = {}) =>
      api.request({ method: 'GET', path: deliveryPath(deliveryId), signal }),
    replay: async (deliveryId, { signal } = {}) => {
      await api.request({ method: 'POST', path: `${deliveryPath(deliveryId)}/replay`, signal });
    },
    replayRange: async (webhookId, body, { signal } = {}) => {
      await api.request({ method: 'POST', path: `${pathOf(webhookId)}/replay`, body, signal });
    },
  };
}
