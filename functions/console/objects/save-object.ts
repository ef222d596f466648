import type { StowageClient } from '../../../lib/client/client.ts';

/** Has the browser save an object: straight from storage, so of any size. */
export async function saveObject(
  client: StowageClient,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Promise<void> {
  const filename = fileNameOf(key);
  const { url } = await client.share({
    bucket,
    key,
    disposition: 'attachment',
    ...(filename !== '' && { filename }),
  });
  const link = document.createElement('a');
  link.href = url;
  link.click();
}

/** The last segment, in the length that file systems take. */
function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).slice(-255);
}
