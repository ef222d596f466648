import type { IncomingMessage } from 'node:http';
import { invalidArgument, Refusal } from '../refusal.ts';
import type { ByteSink } from './byte-sink.ts';
import { pump } from './receive.ts';

/** A form of `multipart/form-data`, read up to the beginning of its file. */
export interface Form {
  /** Lower-case names. */
  readonly fields: ReadonlyMap<string, string>;
  /** As the sender calls it; empty where it doesn't. */
  readonly filename: string;
  /** Streams the file. What stands behind it in the form is not read: S3 takes no field there. */
  readonly receiveFile: (sink: ByteSink) => Promise<void>;
}

/** S3's limit for all that stands before the file. */
const maxFieldBytes = 20_000;

/**
 * Reads a form's fields and stops before its file.
 *
 * @throws {@link Refusal}
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export async function openForm(request: IncomingMessage, contentType: string): Promise<Form> {
  const boundary = /;\s*boundary=(?:"(?<quoted>[^"]{1,70})"|(?<plain>[^\s;"]{1,70}))/i.exec(contentType);
  const name = boundary?.groups?.['quoted'] ?? boundary?.groups?.['plain'];
  if (name === undefined) throw new Refusal('MalformedPOSTRequest');
  const delimiter = Buffer.from(`\r\n--${name}`);
  // The first delimiter may stand at the very beginning, without a line before it.
  let read: Buffer = Buffer.from('\r\n');
  let head = readHead(read, delimiter);
  while (!head) {
    if (read.length > maxFieldBytes) throw new Refusal('MaxPostPreDataLengthExceeded');
    const more = await nextChunk(request);
    if (!more) throw invalidArgument('file', '', 'POST requires exactly one file upload per request.');
    read = Buffer.concat([read, more]);
    head = readHead(read, delimiter);
  }
  const { fields, filename, fileStart } = head;
  if (fileStart > maxFieldBytes) throw new Refusal('MaxPostPreDataLengthExceeded');
  return {
    fields,
    filename,
    receiveFile: async (sink) => {
      const file = createFileExtractor(sink, delimiter);
      await file.write(read.subarray(fileStart));
      await pump(request, file);
      if (!file.isWhole()) throw new Refusal('IncompleteBody');
    },
  };
}

interface Head {
  readonly fields: ReadonlyMap<string, string>;
  readonly filename: string;
  readonly fileStart: number;
}

/** Reads the fields, if the bytes reach as far as the file. */
function readHead(bytes: Buffer, delimiter: Buffer): Head | undefined {
  const fields = new Map<string, string>();
  let at = bytes.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    const headersEnd = bytes.indexOf('\r\n\r\n', start);
    if (headersEnd < 0) return undefined;
    const disposition = /^content-disposition:(?<value>.*)$/im.exec(
      bytes.toString('utf8', start, headersEnd),
    );
    const value = disposition?.groups?.['value'] ?? '';
    const name = parameterOf(value, 'name')?.toLowerCase();
    if (name === undefined) throw new Refusal('MalformedPOSTRequest');
    const bodyStart = headersEnd + 4;
    if (name === 'file') {
      return { fields, filename: parameterOf(value, 'filename') ?? '', fileStart: bodyStart };
    }
    at = bytes.indexOf(delimiter, bodyStart);
    if (at >= 0) fields.set(name, bytes.toString('utf8', bodyStart, at));
  }
  return undefined;
}

/** Browsers write quotes and line ends in names percent-encoded. */
function parameterOf(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}="(?<value>[^"]*)"`, 'i').exec(disposition);
  return match?.groups?.['value']?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}

/** Hands on bytes up to the delimiter, and drops those behind it. */
function createFileExtractor(sink: ByteSink, delimiter: Buffer): ByteSink & { isWhole: () => boolean } {
  let held: Buffer = Buffer.alloc(0);
  let isWhole = false;
  return {
    isWhole: () => isWhole,
    write: (bytes) => {
      if (isWhole) return undefined;
      const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const end = all.indexOf(delimiter);
      isWhole = end >= 0;
      // The last bytes may be the beginning of the delimiter.
      const sure = isWhole ? end : Math.max(all.length - delimiter.length + 1, 0);
      held = Buffer.from(all.subarray(sure));
      return sink.write(all.subarray(0, sure));
    },
  };
}

/** Takes one chunk off a stream and pauses it again. Nothing at the end. */
function nextChunk(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (chunk: Buffer | undefined, error?: Error) => {
      request.pause();
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (error) reject(error);
      else resolve(chunk);
    };
    const onData = (chunk: Buffer) => settle(chunk);
    const onEnd = () => settle(undefined);
    const onClose = () => settle(undefined, new Refusal('IncompleteBody'));
    if (request.destroyed) {
      onClose();
      return;
    }
    request.on('data', onData).once('end', onEnd).once('close', onClose).resume();
  });
}
