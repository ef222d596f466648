import type { Target } from './presign.ts';
import { uriEncodePath } from './sigv4.ts';

/** An S3 server, and how it wants its buckets addressed. */
export interface Endpoint {
  /** `https://s3.eu-west-1.amazonaws.com` */
  readonly origin: string;
  readonly style: 'path' | 'virtual';
  /** Where a bucket's name in storage differs from its name in `stowage.json`. */
  readonly bucketNames?: Readonly<Record<string, string>>;
}

/** AWS's regional endpoint: the global one answers with redirects, and those break CORS. */
export function awsEndpoint(region: string): Endpoint {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { origin: `https://s3.${region}.${domain}`, style: 'virtual' };
}

/**
 * Any other S3 server, addressed in path style.
 *
 * @throws TypeError when the text is not an http or https origin
 */
export function customEndpoint(text: string): Endpoint {
  const url = URL.parse(text);
  // More than an origin would be dropped silently: a path, a query, a user's name and password.
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new TypeError(`"${text}" is not the address of an S3 endpoint, such as https://s3.example.com`);
  }
  return { origin: url.origin, style: 'path' };
}

/** The bucket's name in storage. */
export function bucketNameAt({ bucketNames }: Endpoint, bucket: string): string {
  return bucketNames?.[bucket] ?? bucket;
}

/** The bucket's name in `stowage.json` for its name in storage. */
export function bucketOfName({ bucketNames = {} }: Endpoint, nameInStorage: string): string {
  const [found] = Object.entries(bucketNames).find(([, name]) => name === nameInStorage) ?? [nameInStorage];
  return found;
}

/** The address of an object, or of the bucket itself where no key is given. */
export function targetOf(endpoint: Endpoint, bucket: string, key = ''): Target {
  const [scheme = '', host = ''] = endpoint.origin.split('://');
  const name = bucketNameAt(endpoint, bucket);
  const object = uriEncodePath(key);
  if (endpoint.style === 'virtual') {
    return { origin: `${scheme}://${name}.${host}`, host: `${name}.${host}`, path: `/${object}` };
  }
  return { origin: endpoint.origin, host, path: key === '' ? `/${name}` : `/${name}/${object}` };
}
