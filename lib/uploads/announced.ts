import { hash } from 'node:crypto';
import * as v from 'valibot';
import type { ObjectHead } from '../storage/operations.ts';
import { type Checksum, checksumAlgorithms } from './schema.ts';

/**
 * What an upload was announced as, in so few bytes that it travels in the object's own metadata: so that whoever hears
 * of the object can hold it to that, without a database. `12 9f86d081 sha256:…`: size, type, checksum.
 */

interface Announced {
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly checksum?: Checksum | undefined;
}

const announcement = v.pipe(
  v.string(),
  v.regex(/^\d+ [0-9a-f]{8}(?: \w+:\S+)?$/),
  v.transform((text) => {
    const [size = '', typeHash = '', checksum = ':'] = text.split(' ');
    const [algorithm, value] = checksum.split(/:(.*)/s);
    return { sizeBytes: Number(size), typeHash, algorithm, value };
  }),
);

export function announcementText({ sizeBytes, contentType, checksum }: Announced): string {
  const words = [String(sizeBytes), typeHashOf(contentType)];
  if (checksum) words.push(`${checksum.algorithm}:${checksum.value}`);
  return words.join(' ');
}

/** In what an object differs from its announcement; nothing where it has none. */
export function announcementFaults(
  text: string | undefined,
  { sizeBytes, contentType, checksums }: ObjectHead,
): readonly string[] {
  const result = v.safeParse(announcement, text);
  if (!result.success) return [];
  const { sizeBytes: announcedBytes, typeHash, algorithm, value } = result.output;
  const stored = checksumAlgorithms
    .filter((name) => name === algorithm)
    .map((name) => checksums[name])
    .find((checksum) => checksum !== undefined);
  return [
    ...(sizeBytes === announcedBytes ? [] : [`It has ${sizeBytes} bytes, not ${announcedBytes}.`]),
    ...(typeHashOf(contentType) === typeHash ? [] : [`Its type ${contentType} was not announced.`]),
    ...(stored === undefined || stored === value ? [] : [`Its ${algorithm} is ${stored}, not ${value}.`]),
  ];
}

/** What is told of an object. */
interface Told {
  readonly sizeBytes?: number | undefined;
  readonly contentType?: string | undefined;
  readonly checksum?: Checksum | undefined;
}

/** Does it tell all that the announcement speaks of, and agree with it? */
export function isAsAnnounced(text: string | undefined, { sizeBytes, contentType, checksum }: Told): boolean {
  const result = v.safeParse(announcement, text);
  if (!result.success || contentType === undefined) return false;
  const { output } = result;
  return (
    sizeBytes === output.sizeBytes &&
    typeHashOf(contentType) === output.typeHash &&
    (output.value === '' || (checksum?.algorithm === output.algorithm && checksum?.value === output.value))
  );
}

function typeHashOf(contentType: string): string {
  return hash('sha256', contentType).slice(0, 8);
}
