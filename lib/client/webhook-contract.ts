/** The contract of webhooks: see `contract.ts`. */

export type WebhookEventType =
  | 'object.created'
  | 'object.deleted'
  | 'object.restore_initiated'
  | 'object.restore_completed'
  | 'object.restore_expired'
  | 'object.tags_added'
  | 'object.tags_deleted'
  | 'object.acl_updated'
  | 'object.storage_class_changed'
  | 'object.access_tier_changed';

/** Which events a webhook wants. What is left out is not asked for. */
export interface WebhookFilters {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly eventTypes?: readonly WebhookEventType[];
  readonly minSizeBytes?: number;
  readonly maxSizeBytes?: number;
}

export interface WebhookRequest extends WebhookFilters {
  /** https, out on the internet. */
  readonly url: string;
  /** For people. */
  readonly description?: string;
  /** Requests under way at once. Default: 10. */
  readonly maxConcurrency?: number;
  /** Requests a second. Default: no limit. */
  readonly maxPerSecond?: number;
  /** Default: true. */
  readonly enabled?: boolean;
}

export type WebhookChange = { readonly [Name in keyof WebhookRequest]?: WebhookRequest[Name] | null };

export interface Webhook extends WebhookFilters {
  readonly webhookId: string;
  readonly url: string;
  readonly description?: string;
  readonly payloadVersion: number;
  readonly maxConcurrency: number;
  readonly maxPerSecond?: number;
  readonly enabled: boolean;
  /** `failing`: the last requests have all failed, and pauses between them grow. */
  readonly state: 'active' | 'failing' | 'disabled';
  /** Why it is failing, or was disabled by the service itself. */
  readonly reason?: string;
  readonly failingSince?: string;
  readonly secrets: readonly { readonly createdAt: string; readonly expiresAt?: string }[];
  readonly tenant?: string;
  readonly createdAt: string;
  readonly createdBy: { readonly kind: string; readonly sub: string };
  readonly expiresAt?: string;
}

export interface NewWebhook extends Webhook {
  /** `whsec_…`: what receivers verify with. */
  readonly secret: string;
}

export interface RotatedSecret {
  readonly webhookId: string;
  readonly secret: string;
  /** Until when requests are signed with the old secrets, too. */
  readonly previousUntil?: string;
}

export interface DeliveryAttempt {
  readonly at: string;
  readonly statusCode?: number;
  /** Why there was no answer. */
  readonly error?: string;
  readonly durationMilliseconds: number;
}

/** An event on its way to a webhook. */
export interface Delivery {
  readonly deliveryId: string;
  readonly webhookId: string;
  /** Stands in `webhook-id` of each request. */
  readonly eventId: string;
  readonly type: WebhookEventType | 'webhook.ping';
  /** What it is about; absent of a ping. */
  readonly object?: { readonly bucket: string; readonly key: string };
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly nextAttemptAt?: string;
  readonly attempts: readonly DeliveryAttempt[];
}

export interface DeliveryDetails extends Delivery {
  /** What is sent. */
  readonly body: string;
  readonly attempts: readonly (DeliveryAttempt & { readonly response?: string })[];
}

export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** Gives the next page; absent on the last. */
  readonly cursor?: string;
}

export interface ReplayRange {
  /** By when the events happened; RFC 3339. */
  readonly from: string;
  /** Default: now. */
  readonly to?: string;
  /** Default: all that are not pending. */
  readonly status?: 'succeeded' | 'failed';
}
