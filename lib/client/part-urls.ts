import type { Api } from './api.ts';
import type { SignedPart } from './contract.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { uploadPath } from './upload-calls.ts';

/** The signed URLs of an upload's parts, fetched in batches shortly before they are needed. */
export interface PartUrls {
  /** A URL that is good for some time yet. */
  get(partNumber: number, signal: AbortSignal): Promise<SignedPart>;
  /** Storage refused one: what befell it (its signer's credentials expired, say) is likely to have befallen all. */
  discard(): void;
}

/** Few enough to be used up before they expire, enough to make the requests for them rare. */
const batchSize = 100;
/** Storage looks at the clock when a request begins; this covers the way there. */
const marginMilliseconds = 10_000;

/**
 * @param wanted - the numbers of all parts that will be asked for, in that order
 * @param issued - the first batch, when it came with the upload
 */
export function createPartUrls(
  api: Api,
  uploadId: string,
  wanted: readonly number[],
  issued: readonly SignedPart[],
): PartUrls {
  const urls = new Map(issued.map((part) => [part.partNumber, part]));
  const positions = new Map(wanted.map((partNumber, position) => [partNumber, position]));
  const inTurn = oneAtATime();

  const isGood = (part: SignedPart | undefined) =>
    part !== undefined && Date.parse(part.expiresAt) - api.now() > marginMilliseconds;

  async function fetchFrom(partNumber: number, signal: AbortSignal): Promise<void> {
    const start = positions.get(partNumber) ?? 0;
    const partNumbers = wanted
      .slice(start, start + batchSize)
      .filter((candidate) => !isGood(urls.get(candidate)));
    const { parts } = await api.request<{ parts: readonly SignedPart[] }>({
      method: 'POST',
      path: `${uploadPath(uploadId)}/parts`,
      body: { partNumbers },
      signal,
    });
    for (const part of parts) urls.set(part.partNumber, part);
  }

  async function find(partNumber: number, signal: AbortSignal): Promise<SignedPart> {
    const known = urls.get(partNumber);
    if (known && isGood(known)) return known;
    await fetchFrom(partNumber, signal);
    const fresh = urls.get(partNumber);
    if (!fresh) throw new Error(`the service gave no URL for part ${partNumber}`);
    return fresh;
  }

  return {
    get: (partNumber, signal) => inTurn(() => find(partNumber, signal)),
    discard: () => urls.clear(),
  };
}
