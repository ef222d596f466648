import type { ServerResponse } from 'node:http';
import { xmlDocument, xmlElement, type XmlContent } from '../storage/xml.ts';
import type { Call, Reply } from './call.ts';
import type { Refusal } from './refusal.ts';

/** The namespace that S3 gives to its documents. Some clients look for it. */
const namespace = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** An answer with an XML document. */
export function xmlReply(
  root: string,
  children: XmlContent,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    body: xmlDocument(xmlElement(root, children, namespace)),
  };
}

/** S3's error document. */
export function refusalReply(refusal: Refusal, call: Pick<Call, 'path' | 'requestId'>): Reply {
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/xml', ...refusal.headers },
    body: xmlDocument(
      xmlElement('Error', [
        xmlElement('Code', refusal.code),
        xmlElement('Message', refusal.message),
        ...Object.entries(refusal.details).map(([name, value]) => xmlElement(name, value)),
        xmlElement('Resource', call.path),
        xmlElement('RequestId', call.requestId),
      ]),
    ),
  };
}

/** Writes an answer, but for its end. Resolves when its last byte has been handed to the connection. */
export async function send(response: ServerResponse, reply: Reply, withBody: boolean): Promise<void> {
  const { body = '', status } = reply;
  const headers: string[] = [];
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.push(name, encodeUtf8(value));
  const isBodiless = status === 204 || status === 304;
  if (typeof body === 'string' && !isBodiless && reply.headers?.['content-length'] === undefined) {
    headers.push('content-length', String(Buffer.byteLength(body)));
  }
  response.writeHead(status, headers);
  if (!withBody || isBodiless || body === '') return;
  if (typeof body === 'string') response.write(body);
  else await body(response);
}

/** Header values go out as UTF-8; Node takes a string for Latin-1. */
function encodeUtf8(value: string): string {
  return /[^\0-\u007f]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}
