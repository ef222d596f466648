import type {
  Delivery,
  DeliveryDetails,
  Webhook,
  WebhookEventType,
  WebhookRequest,
} from '../../lib/client/webhook-contract.ts';
import { type Action, type Command, parseAddress, parseOptions, UsageError } from './command.ts';
import { formatCount, printable } from './format.ts';

const help = `Usage: stowage webhooks list
       stowage webhooks create URL [BUCKET[/PREFIX]]
       stowage webhooks show WEBHOOK
       stowage webhooks enable|disable|ping|rm WEBHOOK
       stowage webhooks rotate-secret WEBHOOK
       stowage webhooks deliveries WEBHOOK
       stowage webhooks replay DELIVERY
       stowage webhooks replay WEBHOOK --from TIME

Has events sent to an address, signed by Standard Webhooks.

create:
  --suffix TEXT         only keys that end so
  --events TYPES        such as object.created,object.deleted (default: all)
  --min-bytes NUMBER    only objects at least so large
  --max-bytes NUMBER    only objects at most so large
  --concurrency NUMBER  requests under way at once (default: 10)
  --per-second NUMBER   requests a second (default: no limit)
  --description TEXT    for people

replay:
  --from TIME           what happened since, such as 2026-11-25T12:00:00Z
  --to TIME             and until then (default: now)
  --failed              only what has failed

Examples:
  stowage webhooks create https://app.example.com/hook media/photos/ --events object.created
  stowage webhooks deliveries wh_ZW5kcG9pbnQtMTIz
  stowage webhooks replay wh_ZW5kcG9pbnQtMTIz --from 2026-11-25T12:00:00Z --failed
`;

type Values = ReturnType<typeof parseValues>['values'];

/** One word behind `stowage webhooks`. @throws {@link UsageError} */
type Parse = (operands: readonly string[], values: Values) => Action;

const words: Readonly<Record<string, Parse>> = {
  list: (operands) => {
    if (operands.length > 0) throw new UsageError('webhooks list wants nothing more.');
    return async ({ client, output, signal }) => {
      for (const webhook of await client.webhooks.list({ signal })) {
        output.result(webhook, `${webhook.webhookId}  ${webhook.state.padEnd(8)}  ${describe(webhook)}`);
      }
    };
  },
  create: (operands, values) => {
    const [url, place, ...rest] = operands;
    if (url === undefined || rest.length > 0)
      throw new UsageError('webhooks create wants URL [BUCKET/PREFIX].');
    const request = requestOf(url, place, values);
    return async ({ client, output, signal }) => {
      const made = await client.webhooks.create(request, { signal });
      output.result(made, `${made.webhookId}\n${made.secret}`);
      output.note('The secret is shown this once: the receiver verifies with it, so store it now.');
    };
  },
  show: forOne(async (webhookId, { client, output, signal }) => {
    const webhook = await client.webhooks.get(webhookId, { signal });
    output.result(webhook, factsOf(webhook).join('\n'));
  }),
  enable: forOne(async (webhookId, { client, output, signal }) => {
    output.result(await client.webhooks.change(webhookId, { enabled: true }, { signal }));
    output.note('Enabled.');
  }),
  disable: forOne(async (webhookId, { client, output, signal }) => {
    output.result(await client.webhooks.change(webhookId, { enabled: false }, { signal }));
    output.note('Disabled: nothing is sent, and what happens meanwhile is not kept for it.');
  }),
  ping: forOne(async (webhookId, { client, output, signal }) => {
    const { deliveryId } = await client.webhooks.ping(webhookId, { signal });
    output.result({ deliveryId }, deliveryId);
    output.note(`On its way: stowage webhooks deliveries ${webhookId} tells what comes of it.`);
  }),
  'rotate-secret': forOne(async (webhookId, { client, output, signal }) => {
    const rotated = await client.webhooks.rotateSecret(webhookId, { signal });
    output.result(rotated, rotated.secret);
    if (rotated.previousUntil !== undefined)
      output.note(`The old secret counts until ${rotated.previousUntil}.`);
  }),
  rm: forOne(async (webhookId, { client, output, signal }) => {
    await client.webhooks.delete(webhookId, { signal });
    output.result({ webhookId, deleted: true });
    output.note('Deleted.');
  }),
  deliveries: forOne(async (id, { client, output, signal }) => {
    if (id.startsWith('dlv_')) {
      const delivery = await client.webhooks.delivery(id, { signal });
      output.result(delivery, detailsOf(delivery).join('\n'));
      return;
    }
    const { deliveries } = await client.webhooks.deliveries(id, { limit: 100, signal });
    for (const delivery of deliveries) output.result(delivery, lineOf(delivery));
  }),
  replay: (operands, { from, to, failed }) => {
    const [id, ...rest] = operands;
    if (id === undefined || rest.length > 0)
      throw new UsageError('webhooks replay wants one DELIVERY or WEBHOOK.');
    if (id.startsWith('dlv_')) {
      return async ({ client, output, signal }) => {
        await client.webhooks.replay(id, { signal });
        output.note('It will be sent once more.');
      };
    }
    if (from === undefined) throw new UsageError('webhooks replay WEBHOOK wants --from TIME.');
    const range = {
      from: parseTime(from),
      ...(to !== undefined && { to: parseTime(to) }),
      ...(failed && { status: 'failed' as const }),
    };
    return async ({ client, output, signal }) => {
      await client.webhooks.replayRange(id, range, { signal });
      output.note('What happened then will be sent once more.');
    };
  },
};

export const webhooks: Command = {
  summary: 'have events sent to an address',
  help,
  parse(args) {
    const { values, positionals } = parseValues(args);
    const [word, ...operands] = positionals;
    const parse = words[word ?? ''];
    if (!parse) throw new UsageError(`webhooks wants one of: ${Object.keys(words).join(', ')}.`);
    return { values, action: parse(operands, values) };
  },
};

function parseValues(args: string[]) {
  return parseOptions(args, {
    suffix: { type: 'string' },
    events: { type: 'string' },
    'min-bytes': { type: 'string' },
    'max-bytes': { type: 'string' },
    concurrency: { type: 'string' },
    'per-second': { type: 'string' },
    description: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    failed: { type: 'boolean', default: false },
  });
}

function forOne(act: (id: string, ...rest: Parameters<Action>) => Promise<void>): Parse {
  return (operands) => {
    const [id, ...rest] = operands;
    if (id === undefined || rest.length > 0)
      throw new UsageError('Which webhook? webhooks list tells their ids.');
    return (invocation) => act(id, invocation);
  };
}

function requestOf(url: string, place: string | undefined, values: Values): WebhookRequest {
  const { bucket, key: prefix } = place === undefined ? { bucket: undefined, key: '' } : parseAddress(place);
  const { suffix, events, description } = values;
  const numbers = {
    minSizeBytes: parseNumber(values, 'min-bytes'),
    maxSizeBytes: parseNumber(values, 'max-bytes'),
    maxConcurrency: parseNumber(values, 'concurrency'),
    maxPerSecond: parseNumber(values, 'per-second'),
  };
  return {
    url,
    ...(bucket !== undefined && { bucket }),
    ...(prefix !== '' && { prefix }),
    ...(suffix !== undefined && { suffix }),
    // The service knows which there are, and says so.
    ...(events !== undefined && { eventTypes: events.split(',') as readonly WebhookEventType[] }),
    ...(description !== undefined && { description }),
    ...Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== undefined)),
  };
}

function parseNumber(
  values: Values,
  name: 'min-bytes' | 'max-bytes' | 'concurrency' | 'per-second',
): number | undefined {
  const text = values[name];
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`--${name} wants a whole number.`);
}

function parseTime(text: string): string {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new UsageError(`"${text}" is no time; write it like 2026-11-25T12:00:00Z.`);
}

function describe({ url, bucket = '*', prefix = '', suffix = '', eventTypes }: Webhook): string {
  const what = `${bucket}/${prefix}…${suffix}`;
  return `${printable(url)}  ${printable(what)}  ${eventTypes?.join(',') ?? 'all events'}`;
}

function factsOf(webhook: Webhook): string[] {
  const { state, reason, failingSince, secrets, maxConcurrency, maxPerSecond, description } = webhook;
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['id', webhook.webhookId],
    ['sends', describe(webhook)],
    ['about', description],
    ['state', state],
    ['reason', reason],
    ['since', failingSince],
    ['at once', String(maxConcurrency)],
    ['a second', maxPerSecond === undefined ? undefined : String(maxPerSecond)],
    ['secrets', formatCount(secrets.length, 'secret')],
    ['made', webhook.createdAt],
    ['ends', webhook.expiresAt],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(9)} ${printable(value)}`],
  );
}

function lineOf({ deliveryId, status, type, object, attempts }: Delivery): string {
  const last = attempts.at(-1);
  const outcome = last ? `${last.statusCode ?? printable(last.error ?? '')}` : 'not sent yet';
  const about = object ? `  ${printable(`${object.bucket}/${object.key}`)}` : '';
  return `${deliveryId}  ${status.padEnd(9)}  ${type.padEnd(15)}${about}  ${formatCount(attempts.length, 'attempt')}: ${outcome}`;
}

function detailsOf(delivery: DeliveryDetails): string[] {
  const { eventId, body, nextAttemptAt, attempts } = delivery;
  return [
    lineOf(delivery),
    `event  ${eventId}`,
    `body   ${printable(body)}`,
    ...attempts.map(
      ({ at, statusCode, error, durationMilliseconds, response = '' }) =>
        `${at}  ${durationMilliseconds} ms  ${statusCode ?? printable(error ?? '')}  ${printable(response)}`,
    ),
    ...(nextAttemptAt === undefined ? [] : [`next   ${nextAttemptAt}`]),
  ];
}
