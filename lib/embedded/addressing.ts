import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';

/** How requests reach the store. */
export interface Addressing {
  /** Names of the store, in lower case: `BUCKET.` before one of them addresses a bucket (virtual-host style). */
  readonly domains: readonly string[];
  /** How many proxies of one's own every request passes: so many entries of `X-Forwarded-…` are believed. */
  readonly trustedProxyHops: number;
}

/** What the client itself has used, whatever proxies have made of it. */
export interface ClientAddress {
  readonly scheme: string;
  /** With its port, where it has one. This is what the client has signed. */
  readonly host: string;
  /** The client's IP address. */
  readonly address: string;
}

/** Reads what the connection tells, or, where our own proxies stand before it, what they tell. */
export function clientAddressOf(
  { headers, socket }: IncomingMessage,
  { trustedProxyHops }: Addressing,
): ClientAddress {
  const scheme = socket instanceof TLSSocket ? 'https' : 'http';
  const host = headers.host ?? '';
  const address = socket.remoteAddress ?? '';
  if (trustedProxyHops === 0) return { scheme, host, address };
  const forwardedFor = entries(headers['x-forwarded-for']).at(-trustedProxyHops) ?? '';
  const told = (name: string) => {
    const values = entries(headers[name]);
    // Not every proxy adds to these as it does to the addresses: where they are fewer, the first is the outermost.
    return values.at(-trustedProxyHops) ?? values[0];
  };
  const protocol = told('x-forwarded-proto')?.toLowerCase();
  return {
    scheme: protocol === 'http' || protocol === 'https' ? protocol : scheme,
    host: told('x-forwarded-host') ?? host,
    address: isIP(forwardedFor) > 0 ? forwardedFor : address,
  };
}

/** The bucket that a host addresses; nothing where it is the store itself. */
export function bucketOfHost(host: string, { domains }: Addressing): string | undefined {
  if (domains.length === 0) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (domains.includes(name)) return undefined;
  const within = domains.filter((domain) => name.endsWith(`.${domain}`));
  // Of nested domains the longest is meant.
  const domain = within.toSorted((a, b) => b.length - a.length)[0];
  return domain === undefined ? undefined : name.slice(0, -domain.length - 1);
}

function entries(header: string | readonly string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
