import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as v from 'valibot';
import { openTestService, rootKey, type TestService } from '../support/service.ts';

/** With whatever ends all ends that was made by it, through whatever chain, and nothing else does. */

interface Node {
  readonly kind: 'key' | 'token' | 'upload';
  readonly id: string;
  readonly credential: string;
  readonly maker: Node | undefined;
}

let service: TestService;
let time = Date.parse('2026-11-23T12:00:00Z');
beforeAll(async () => {
  service = await openTestService();
  service.setClock(() => new Date(time));
});
afterAll(() => service.stop());

const later = (seconds: number) => {
  time += seconds * 1000;
};
const grants = [{ bucket: '*', actions: ['read', 'write', 'delete', 'list', 'admin'] }];
const answer = v.object({
  key: v.optional(v.string()),
  keyId: v.optional(v.string()),
  token: v.optional(v.string()),
  tokenId: v.optional(v.string()),
  uploadId: v.optional(v.string()),
});
const requests = {
  key: ['/v1/keys', { name: 'of the tests', grants }],
  token: ['/v1/tokens', { grants, expiresInSeconds: 3600 }],
  upload: ['/v1/uploads', { bucket: 'files', key: 'a', sizeBytes: 1 }],
} as const;

async function make(kind: Node['kind'], maker: Node | undefined): Promise<Node> {
  const [path, body] = requests[kind];
  const response = await service.call('POST', path, body, maker?.credential);
  expect(response.status, await response.clone().text()).toBe(201);
  const { key, keyId, token, tokenId, uploadId } = v.parse(answer, await response.json());
  if (kind === 'upload') return { kind, id: uploadId ?? '', credential: rootKey, maker };
  return { kind, id: keyId ?? tokenId ?? '', credential: token ?? key ?? '', maker };
}

async function isAlive({ kind, id, credential }: Node): Promise<boolean> {
  const path = kind === 'upload' ? `/v1/uploads/${id}` : '/v1/me';
  const { status } = await service.call('GET', path, undefined, credential);
  // What storage says of an upload does not matter here, and by the clock of these tests it says nothing.
  expect([401, kind === 'upload' ? 502 : 200]).toContain(status);
  return status !== 401;
}

const end = {
  delete: (id: string) => service.call('DELETE', `/v1/keys/${id}`),
  disable: (id: string) => service.call('PATCH', `/v1/keys/${id}`, { enabled: false }),
  'disable and enable': async (id: string) => {
    await end.disable(id);
    later(2);
    const response = await service.call('PATCH', `/v1/keys/${id}`, { enabled: true });
    later(2);
    return response;
  },
  revoke: (id: string) => service.call('POST', '/v1/tokens/revoke', { tokenId: id }),
};
type End = keyof typeof end;

/** The nodes from the first one to this one. */
function chainOf(node: Node | undefined): readonly Node[] {
  return node ? [...chainOf(node.maker), node] : [];
}

/** What the README says, and no more. */
function survives(node: Node, ended: Node, how: End): boolean {
  const chain = chainOf(node);
  const at = chain.indexOf(ended);
  if (at < 0) return true;
  return how === 'disable and enable' && chain.slice(at).every(({ kind }) => kind === 'key');
}

const plan = fc.array(
  fc.record({
    kind: fc.constantFrom<Node['kind']>('key', 'key', 'token', 'token', 'upload'),
    maker: fc.nat(),
    waitSeconds: fc.nat(2),
  }),
  { minLength: 1, maxLength: 10 },
);

test('what ends takes with it all that was made by it, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(plan, fc.nat(), fc.nat(), async (steps, choice, way) => {
      const nodes: Node[] = [];
      for (const { kind, maker, waitSeconds } of steps) {
        later(waitSeconds);
        const makers = [undefined, ...nodes.filter((node) => node.kind !== 'upload')];
        nodes.push(await make(kind, makers[maker % makers.length]));
      }
      const endable = nodes.filter(({ kind }) => kind !== 'upload');
      const ended = endable[choice % endable.length];
      if (!ended) return;
      const ways: readonly End[] =
        ended.kind === 'token' ? ['revoke'] : ['delete', 'disable', 'disable and enable'];
      const how = ways[way % ways.length] ?? 'delete';
      later(1);
      expect((await end[how](ended.id)).ok).toBe(true);

      for (const node of nodes) expect(await isAlive(node)).toBe(survives(node, ended, how));
      // Who lives may go on: what is made now stands on nothing that has ended.
      for (const maker of nodes.filter(({ kind }) => kind !== 'upload')) {
        if (!survives(maker, ended, how)) continue;
        for (const kind of ['token', 'upload'] as const) {
          expect(await isAlive(await make(kind, maker))).toBe(true);
        }
      }
    }),
    { numRuns: 20 },
  );
});
