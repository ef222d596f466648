import { parseXml, XmlSyntaxError, type XmlNode } from '../../storage/xml.ts';
import type { SignedCall } from '../call.ts';
import { Refusal } from '../refusal.ts';
import type { RequestedChecksum } from './checksums.ts';
import { announcedBytes, receiveBody } from './receive.ts';

const maxXmlBytes = 2 * 1024 * 1024;

/**
 * Reads a request's XML document, of at most 2 MiB. Nothing where the body is empty.
 *
 * @param requested - the checksum to hold the document to
 * @throws {@link Refusal}
 */
export async function readXml(
  call: SignedCall,
  requested: RequestedChecksum | undefined,
): Promise<XmlNode | undefined> {
  if (announcedBytes(call) > maxXmlBytes) throw new Refusal('MaxMessageLengthExceeded');
  const chunks: Buffer[] = [];
  const sink = { write: (bytes: Buffer) => void chunks.push(bytes) };
  await receiveBody(call, sink, { md5: false, requested });
  if (chunks.length === 0) return undefined;
  try {
    return parseXml(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw new Refusal('MalformedXML');
    throw error;
  }
}
