import * as v from 'valibot';

/** Values that the configuration and the API share. */

export const wholeNumber = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum));

/** A media type, or `image/*`, or `*` + `/*`. */
export const contentTypePattern = v.pipe(
  v.string(),
  v.regex(
    /^(\*\/\*|[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+))$/i,
    'must be a media type such as image/png, image/* or */*',
  ),
  v.toLowerCase(),
);

/** S3's rules for names, less the dot: a name with dots breaks TLS on virtual-hosted addresses. */
export const bucketName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/,
    'must be 3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit',
  ),
);

/** May bytes go to this address unencrypted without leaving the machine? */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Is the address https, or plain http on loopback? */
export function isSecureAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
}
