import { useEffect, useState } from 'preact/hooks';

/** The part of the console that is about webhooks: `#webhooks`, and `#webhooks/wh_…` for one of them. */
export interface WebhooksPlace {
  readonly webhookId?: string;
}

export const linkToWebhooks = '#webhooks';

export function linkToWebhook(webhookId: string): string {
  return `${linkToWebhooks}/${webhookId}`;
}

/** `undefined` when the address is about something else. */
function placeOf(hash: string): WebhooksPlace | undefined {
  const match = /^#webhooks(?:\/(wh_[\w-]+))?$/.exec(hash);
  if (!match) return undefined;
  const [, webhookId] = match;
  return webhookId === undefined ? {} : { webhookId };
}

/** The place in the address, followed as it changes. */
export function useWebhooksPlace(): WebhooksPlace | undefined {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return placeOf(hash);
}
