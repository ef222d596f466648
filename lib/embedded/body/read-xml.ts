import { parseXml, XmlSyntaxError, type XmlNode } from '../../storage/xml.ts';
import type { Services, SignedCall } from '../call.ts';
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
  { intake }: Pick<Services, 'intake'>,
  call: SignedCall,
  requested: RequestedChecksum | undefined,
): Promise<XmlNode | undefined> {
  if (announcedBytes(call) > maxXmlBytes) throw new Refusal('MaxMessageLengthExceeded');
  const chunks: Buffer[] = [];
  const sink = { write: async (batch: Buffer) => void chunks.push(Buffer.from(batch)) };
  await receiveBody(intake, call, sink, { md5: false, requested });
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : parseDocument(text);
}

/** @throws {@link Refusal} `MalformedXML` */
export function parseDocument(text: string): XmlNode {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw new Refusal('MalformedXML');
    throw error;
  }
}
