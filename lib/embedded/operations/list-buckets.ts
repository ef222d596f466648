import { reachesBucket } from '../../access/grants.ts';
import { xmlElement } from '../../storage/xml.ts';
import type { Operation } from '../call.ts';
import { invalidArgument } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { readToken, writeToken } from './list-parameters.ts';
import { owner } from './owner.ts';

const maxBuckets = 10_000;

/**
 * Those that one of the caller's grants reaches.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
 */
export const listBuckets: Operation = ({ index }, { grants, query }) => {
  const prefix = query.get('prefix');
  const token = query.get('continuation-token');
  const limit = readMaxBuckets(query.get('max-buckets'));
  const after = token === undefined ? '' : readToken(token);
  const rest = index.buckets
    .all()
    .filter(({ name }) => name > after && name.startsWith(prefix ?? '') && reachesBucket(grants, name));
  const page = rest.slice(0, limit);
  const next = rest.length > page.length ? page.at(-1) : undefined;
  return xmlReply('ListAllMyBucketsResult', [
    owner('Owner'),
    xmlElement(
      'Buckets',
      page.map(({ name, createdAt }) =>
        xmlElement('Bucket', [
          xmlElement('Name', name),
          xmlElement('CreationDate', new Date(createdAt).toISOString()),
        ]),
      ),
    ),
    xmlElement('ContinuationToken', next && writeToken(next.name)),
    xmlElement('Prefix', prefix),
  ]);
};

/** All, unless the caller wants pages: older clients know of none. */
function readMaxBuckets(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= maxBuckets) return Number(text);
  throw invalidArgument(
    'max-buckets',
    text,
    `Argument max-buckets must be an integer between 1 and ${maxBuckets}`,
  );
}
