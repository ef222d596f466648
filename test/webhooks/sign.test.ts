import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { createWebhookSecret, signedWebhookHeaders } from '../../lib/webhooks/sign.ts';

test("the specification's own example", () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
  expect(
    signedWebhookHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], new Date(1614265330_000)),
  ).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test("the specification's library verifies whatever is signed, and nothing that was changed", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'grapheme' }), fc.stringMatching(/^evt_[\w-]{1,40}$/), (body, id) => {
      const secret = createWebhookSecret();
      const headers = signedWebhookHeaders({ id, body }, [secret], new Date());
      const receiver = new Webhook(secret);
      expect(receiver.verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => receiver.verify(`${body} `, headers)).toThrow('signature');
      expect(() => receiver.verify(body, { ...headers, 'webhook-id': `${id}x` })).toThrow('signature');
      expect(() => new Webhook(createWebhookSecret()).verify(body, headers)).toThrow('signature');
    }),
  );
});

test('while a secret is replaced, receivers of the old one and of the new one verify', () => {
  const secrets = [createWebhookSecret(), createWebhookSecret()];
  const headers = signedWebhookHeaders({ id: 'evt_1', body: '{}' }, secrets, new Date());
  for (const secret of secrets) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
});

test('a secret is new every time, and as long as the specification asks', () => {
  const secrets = Array.from({ length: 100 }, createWebhookSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
});
