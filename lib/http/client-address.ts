import { isIP, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import type { AppEnv } from './env.ts';
import { peerOf } from './peer.ts';

/**
 * Where a request comes from: the other end of the connection, or, where that is a proxy of ours, what the outermost
 * of our proxies has seen. What stands further left in `X-Forwarded-For` anybody may have written.
 *
 * @param trustedProxyHops - how many proxies of ours every request passes
 * @returns `undefined` where the host knows nothing of the connection
 */
export function clientAddress(c: Context<AppEnv>, trustedProxyHops: number): string | undefined {
  const { address } = peerOf(c);
  if (trustedProxyHops === 0) return address;
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').at(-trustedProxyHops)?.trim() ?? '';
  return isIP(forwarded) > 0 ? forwarded : address;
}

/**
 * What counts as one address: of IPv6 the /64, since whoever has one has all of it (RFC 4291, section 2.5.4); and IPv4
 * written as IPv6 is IPv4.
 */
export function addressGroup(address: string | undefined): string | undefined {
  if (address === undefined || !isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%', 1)[0]?.toLowerCase().split('::') ?? [];
  const groups = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const [left = [], right = []] = groups;
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':');
}
