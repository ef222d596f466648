import * as v from 'valibot';
import { type Flags, flagsSchema } from '../config/flags.ts';
import { openConnections } from '../storage/exchange.ts';
import { signedHeaders } from '../storage/sign-request.ts';
import { canonicalQuery, type Credentials } from '../storage/sigv4.ts';
import type { Log } from '../telemetry/log.ts';

/**
 * Flags from AWS AppConfig, asked for by our own signer: the extension that AWS has for it starts with every execution
 * environment, and costs a cold start more than two small requests beside the reading of the secrets.
 *
 * @see https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Operations_AWS_AppConfig_Data.html
 */

export interface AppConfigOptions {
  /** `arn:aws:appconfig:REGION:ACCOUNT:application/ID/environment/ID/configuration/ID` */
  readonly arn: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Default: AWS's regional endpoint. */
  readonly url?: string | undefined;
  /** What counts until AppConfig has said something else, and when it says nothing. */
  readonly initial: Flags;
  readonly log: Log;
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
}

export interface AppConfigFlags {
  readonly current: () => Flags;
  /**
   * Asks again when the flags are older than {@link pollSeconds}, and waits for the answer, but not longer than
   * {@link patienceMilliseconds}. Never throws: flags that cannot be read stay as they are.
   */
  readonly refresh: () => Promise<void>;
  readonly close: () => void;
}

const pollSeconds = 60;
const patienceMilliseconds = 300;
const timeoutSeconds = 2;

const session = v.pipe(v.string(), v.parseJson(), v.object({ InitialConfigurationToken: v.string() }));
const flagsText = v.pipe(v.string(), v.parseJson(), flagsSchema);

export function openAppConfig(options: AppConfigOptions): AppConfigFlags {
  const { arn, region, credentials, initial, log, now = Date.now } = options;
  const { origin, host, protocol } = new URL(options.url ?? defaultUrl(region));
  const { exchange, close } = openConnections({ secure: protocol === 'https:' });
  const [, , ApplicationIdentifier, , EnvironmentIdentifier, , ConfigurationProfileIdentifier] =
    arn.split(/:(?=application\/)|\//);
  let flags = initial;
  let token: string | undefined;
  let askedAt = -Infinity;
  let asking = Promise.resolve();

  async function send(method: 'GET' | 'POST', path: string, query: string, body: string) {
    const headers = signedHeaders(
      {
        method,
        target: { origin, host, path },
        query,
        headers: body === '' ? {} : { 'content-type': 'application/json' },
        body,
      },
      { credentials, region, service: 'appconfig', time: new Date(now()) },
    );
    const target = query === '' ? path : `${path}?${query}`;
    const answer = await exchange({ method, origin, path: target, headers, body }, timeoutSeconds);
    if (answer.status >= 300) throw new Error(`AppConfig answers ${answer.status} to ${method} ${path}`);
    return answer;
  }

  async function ask(): Promise<void> {
    try {
      token ??= await begin();
      const query = canonicalQuery([['configuration_token', token]]);
      // Spent, whatever becomes of it.
      token = undefined;
      const { body, headers } = await send('GET', '/configuration', query, '');
      const next = headers['next-poll-configuration-token'];
      token = typeof next === 'string' ? next : undefined;
      // Empty: as before.
      if (body !== '') flags = v.parse(flagsText, body);
    } catch (error) {
      log('error', 'The flags cannot be read; they stay as they were', { error });
    }
  }

  async function begin(): Promise<string> {
    const identifiers = { ApplicationIdentifier, EnvironmentIdentifier, ConfigurationProfileIdentifier };
    const { body } = await send('POST', '/configurationsessions', '', JSON.stringify(identifiers));
    return v.parse(session, body).InitialConfigurationToken;
  }

  return {
    current: () => flags,
    refresh() {
      if (now() - askedAt >= pollSeconds * 1000) {
        askedAt = now();
        asking = withPatience(ask());
      }
      return asking;
    },
    close,
  };
}

/** Resolves with the work, or before it when that takes too long. */
async function withPatience(work: Promise<void>): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, patienceMilliseconds);
  await Promise.race([work, tooLate]);
  clearTimeout(timer);
}

function defaultUrl(region: string): string {
  return `https://appconfigdata.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
