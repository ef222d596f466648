import { tokenAnswer } from '../../../lib/access/schema.ts';
import type { Api } from '../suite/host.ts';

/** What the victim has: an object, and an upload under the same key. */
export const secret = 'acme/ann/secret';

/** Who plays in the attacks: each holds everything but `admin` below a prefix of their own. */
export interface Cast {
  readonly victim: Api;
  /** Of another tenant. */
  readonly stranger: Api;
  /** Of the victim's own tenant. */
  readonly neighbour: Api;
  readonly prefixOf: (who: 'stranger' | 'neighbour') => string;
  /** Of a multipart upload that the victim has begun. */
  readonly uploadId: string;
}

const actions = ['read', 'write', 'delete', 'list'];

export async function castOf(api: Api): Promise<Cast> {
  const below = (prefix: string, sub: string, tenant: string) =>
    api.delegate({ grants: [{ bucket: 'files', prefix, actions }], sub, tenant });
  const [victim, stranger, neighbour] = await Promise.all([
    below('acme/ann/', 'ann', 'acme'),
    below('evil/', 'mallory', 'evil'),
    below('acme/bob/', 'bob', 'acme'),
  ]);
  await victim.store(secret, 'secret');
  await victim.store(`${secret}-too`, 'secret');
  const { uploadId } = await victim.begin({
    key: secret,
    sizeBytes: 20 * 2 ** 20,
    method: 'multipart',
    contentType: 'text/plain',
  });
  return {
    victim,
    stranger,
    neighbour,
    prefixOf: (who) => (who === 'stranger' ? 'evil/' : 'acme/bob/'),
    uploadId,
  };
}

/** The token alone, for attacks on its text. */
export async function mintText(api: Api, command: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const grants = [{ bucket: 'files', prefix: 'mine/', actions: ['read'] }];
  return (await api.ask(tokenAnswer, 'POST', '/v1/tokens', { grants, ...command })).token;
}

/** The text with another character at a place, still of base64url. */
export function tamper(text: string, at: number): string {
  const other = text[at] === 'A' ? 'B' : 'A';
  return text.slice(0, at) + other + text.slice(at + 1);
}
