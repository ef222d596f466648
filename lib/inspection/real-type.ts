/** So many bytes from an object's beginning tell its type. */
export const sampleBytes = 4100;

/**
 * The media type that the first bytes of an object show, without parameters.
 *
 * @returns `undefined` for what has no such bytes, as text
 */
export async function realTypeOf(sample: Uint8Array): Promise<string | undefined> {
  // Only where a bucket asks for it: a cold start is not to wait for what knows all these types.
  const { fileTypeFromBuffer } = await import('file-type');
  return (await fileTypeFromBuffer(sample))?.mime.split(';')[0]?.trim();
}

/** Names of one thing: the first one is what the bytes show. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  'application/gzip': ['application/x-gzip', 'application/x-tar', 'application/x-compressed-tar'],
  'application/x-cfb': ['application/msword', 'application/x-msi'],
  'application/xml': ['text/xml'],
  'application/zip': ['application/x-zip-compressed', 'application/java-archive', 'application/epub+zip'],
  'application/x-7z-compressed': ['application/x-7z'],
  'application/vnd.rar': ['application/x-rar-compressed', 'application/x-rar'],
  'application/x-msdownload': ['application/vnd.microsoft.portable-executable', 'application/x-dosexec'],
};

/** Formats that are written in another one: the bytes may show either. */
const containers: readonly { readonly shown: string; readonly declared: RegExp }[] = [
  { shown: 'application/zip', declared: /\+zip$|^application\/vnd\./ },
  { shown: 'application/x-cfb', declared: /^application\/vnd\.ms-/ },
  { shown: 'application/xml', declared: /\+xml$/ },
];

/** Families in which a wrong name does no harm: a browser that shows one of them as another runs nothing. */
const families: readonly RegExp[] = [
  /^image\/(?!svg)/,
  /^(?:audio|video)\//,
  /^(?:font\/|application\/font)/,
];

/** Says nothing of what is in an object. */
const undeclared: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * Do the first bytes of an object show that it is something else than it says?
 *
 * @param declared - its `Content-Type`
 * @param real - as of {@link realTypeOf}: where nothing is known, nothing contradicts
 */
export function contradicts(declared: string, real: string | undefined): boolean {
  const name = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  if (real === undefined || undeclared.has(name) || name === real) return false;
  const isFamily = families.some((family) => family.test(name) && family.test(real));
  const isContained = containers.some(({ shown, declared }) => shown === real && declared.test(name));
  const isContainer = containers.some(({ shown, declared }) => shown === name && declared.test(real));
  return !(
    isFamily ||
    isContained ||
    isContainer ||
    aliases[real]?.includes(name) ||
    aliases[name]?.includes(real)
  );
}
