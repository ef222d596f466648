import { isIP } from 'node:net';
import { isLoopback } from '../config/values.ts';
import { isLoopbackAddress, isPublicAddress } from './addresses.ts';

/** A webhook's address that is refused. The message is written for its owner. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** Gives all addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export interface TargetRules {
  /** Allow http and https to this machine itself, for development. */
  readonly allowLoopback: boolean;
  /** Default: the system's. */
  readonly resolve?: Resolve | undefined;
}

/** Where a webhook goes: what its URL says, and the addresses that were checked. */
export interface Target {
  readonly url: URL;
  /** At least one. To be connected to as they are: whoever asked again could be told others. */
  readonly addresses: readonly string[];
}

/**
 * Reads a webhook's URL. The URL parser turns every odd spelling of an IPv4 address (decimal, octal, hexadecimal, short,
 * full width) into the plain one.
 *
 * @throws {@link TargetError}
 */
export function parseTargetUrl(text: string, { allowLoopback }: Pick<TargetRules, 'allowLoopback'>): URL {
  const url = URL.parse(text);
  if (!url) throw new TargetError('The address is no URL.');
  if (url.username !== '' || url.password !== '') {
    throw new TargetError('The address must not hold a user name or a password.');
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && allowLoopback && isLoopback(url)) return url;
  throw new TargetError('The address must begin with https://.');
}

/**
 * Resolves a webhook's host, once, and checks every address that comes of it: one that is not public is enough to refuse
 * the host.
 *
 * @throws {@link TargetError}
 */
export async function resolveTarget(url: URL, rules: TargetRules): Promise<Target> {
  const { allowLoopback, resolve = resolveBySystem } = rules;
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(hostname) ? [hostname] : await addressesOf(hostname, resolve);
  const isAllowed = (address: string) =>
    url.protocol === 'https:'
      ? isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address))
      : allowLoopback && isLoopbackAddress(address);
  if (!addresses.every(isAllowed)) {
    // Which address it is, is nobody's business outside.
    throw new TargetError(`${url.hostname} is not an address out on the internet.`);
  }
  return { url, addresses };
}

/** A name server that says nothing is not waited for any longer by whoever makes a webhook. */
const patienceSeconds = 5;

/** What is wrong with a webhook's address, for whoever wants it; `undefined` when it may be used. */
export async function faultOfTarget(text: string, rules: TargetRules): Promise<string | undefined> {
  const tooLate = new AbortController();
  const timer = setTimeout(() => tooLate.abort(), patienceSeconds * 1000);
  const silence = new Promise<never>((_, reject) => {
    tooLate.signal.addEventListener('abort', () =>
      reject(new TargetError('The name of the host cannot be resolved in time.')),
    );
  });
  try {
    await Promise.race([resolveTarget(parseTargetUrl(text, rules), rules), silence]);
    return undefined;
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function addressesOf(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(hostname).catch((cause: unknown) => {
    throw new TargetError(`${hostname} cannot be resolved.`, { cause });
  });
  if (addresses.length === 0) throw new TargetError(`${hostname} cannot be resolved.`);
  return addresses;
}

async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  // Loaded by those alone who make webhooks, or send them.
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
}
