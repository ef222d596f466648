import { isDeepStrictEqual } from 'node:util';
import type { Operation } from './operations.ts';
import type { Answer } from './store-under-test.ts';

/** Two answers to one operation that are not the same. */
export interface Difference {
  readonly operation: Operation;
  readonly ours: Answer;
  readonly ceph: Answer;
}

/** A difference that stands, and why. */
export interface Allowance {
  readonly name: string;
  readonly holds: (difference: Difference) => boolean;
}

const allowances: readonly Allowance[] = [
  codes('what is not there is named for what it is here, as AWS does; on Ceph all is a key', {
    ours: ['NoSuchVersion', 'NoSuchUpload'],
    ceph: ['NoSuchKey'],
  }),
  codes('Ceph fails at completing an upload that is gone, or whose list of parts is wrong', {
    ours: ['NoSuchUpload', 'InvalidPart', 'InvalidPartOrder'],
    ceph: ['InternalError'],
  }),
  codes('Ceph does not answer a body that it refuses before its end; here the refusal is read', {
    ours: ['NoSuchUpload', 'PreconditionFailed'],
    ceph: ['the connection ended'],
  }),
  codes('of two faults in a list of parts, Ceph names the size first', {
    ours: ['InvalidPart', 'InvalidPartOrder'],
    ceph: ['EntityTooSmall'],
  }),
  codes(
    'a condition on an object that is not there finds no key, as AWS documents it; on Ceph it just fails',
    {
      ours: ['NoSuchKey'],
      ceph: ['PreconditionFailed'],
    },
  ),
  codes('a range beyond the source of a part is an argument at fault, as AWS documents it', {
    ours: ['InvalidArgument'],
    ceph: ['InvalidRange'],
  }),
  {
    name: 'a version that is a delete marker is told from one that is not there, as AWS does; on Ceph it is no key',
    holds: ({ operation, ours, ceph }) =>
      'version' in operation &&
      operation.version !== undefined &&
      (ours['status'] === 405 || ours['code'] === 'InvalidRequest') &&
      ceph['status'] === 404,
  },
  {
    name: 'a range that RFC 9110 does not know is passed over, as it says; Ceph guesses, or cannot satisfy it',
    holds: ({ operation, ours, ceph }) =>
      'range' in operation &&
      isNoRange(operation.range) &&
      [200, 304, 412].includes(Number(ours['status'])) &&
      [200, 206, 416].includes(Number(ceph['status'])),
  },
  {
    name: 'the version "null" is named where a bucket has had versions; Ceph names it where it has not, or nowhere',
    holds: ({ ours, ceph }) =>
      same(ours, ceph, { except: ['version', 'source'] }) && named(ours) === named(ceph),
  },
  {
    name: 'who writes, retags or deletes a version is told which, as AWS documents it; not always on Ceph',
    holds: ({ operation, ours, ceph }) =>
      ['copy', 'complete', 'tag', 'delete'].includes(operation.kind) &&
      same(ours, ceph, { except: ['version', 'source'] }) &&
      ceph['version'] === undefined &&
      ceph['source'] === undefined,
  },
  {
    name: 'where a delete marker stands there is no object, so "if-none-match: *" holds, as on AWS; not on Ceph',
    holds: ({ operation, ours, ceph }) =>
      operation.kind === 'put' &&
      operation.condition === 'if-none-match *' &&
      ours['code'] === undefined &&
      ceph['code'] === 'PreconditionFailed',
  },
  {
    name: 'parts in the wrong order are refused here, as AWS documents it; Ceph sorts them',
    holds: ({ ours, ceph }) => ours['code'] === 'InvalidPartOrder' && ceph['code'] === undefined,
  },
  {
    name: 'a part is copied from what there is here, as AWS documents it; Ceph takes a range beyond the end for less',
    holds: ({ operation, ours, ceph }) =>
      operation.kind === 'partCopy' && ours['code'] === 'InvalidArgument' && ceph['code'] === undefined,
  },
];

export function allowanceFor(difference: Difference): Allowance | undefined {
  return allowances.find(({ holds }) => holds(difference));
}

/** One code here, another one there. */
function codes(
  name: string,
  { ours: here, ceph: there }: { readonly ours: readonly string[]; readonly ceph: readonly string[] },
): Allowance {
  return {
    name,
    holds: ({ ours, ceph }) => here.includes(String(ours['code'])) && there.includes(String(ceph['code'])),
  };
}

/** Another unit, no number, or an end before the begin. */
function isNoRange(range: string | undefined): boolean {
  const { from, to } = /^bytes=(?<from>\d*)-(?<to>\d*)$/.exec(range ?? '')?.groups ?? {};
  return from === undefined || (from !== '' && to !== '' && Number(from) > Number(to));
}

function named({ version, source }: Answer): string {
  return [version, source].map((each) => (each === 'null' ? undefined : each)).join();
}

function same(ours: Answer, ceph: Answer, { except }: { except: readonly string[] }): boolean {
  const rest = (answer: Answer) =>
    Object.fromEntries(Object.entries(answer).filter(([name]) => !except.includes(name)));
  return isDeepStrictEqual(rest(ours), rest(ceph));
}
