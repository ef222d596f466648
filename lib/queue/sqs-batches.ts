/** What SQS takes in one call: so many messages, of so many bytes together. */
const maxMessages = 10;
const maxBytes = 256 * 1024;

/** Divides messages into batches as SQS takes them, in their order. */
export function toBatches<T extends { readonly body: string }>(
  messages: readonly T[],
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let sizeBytes = 0;
  for (const message of messages) {
    const bytes = Buffer.byteLength(message.body);
    if (batch.length === maxMessages || sizeBytes + bytes > maxBytes) {
      batches.push(batch);
      batch = [];
      sizeBytes = 0;
    }
    batch.push(message);
    sizeBytes += bytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
