import { expect, test } from 'vitest';
import { StowageError } from '../../lib/errors.ts';
import { createLog } from '../../lib/telemetry/log.ts';

const secrets = {
  key: 'stow_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
  token: 'stowt_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
  signature: 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
};
const url = `https://s3/files/a?X-Amz-Credential=AKIDEXAMPLE%2F2026&X-Amz-Signature=${secrets.signature}&x-id=GetObject`;

test('an entry is one JSON line, whatever stands in it, and holds no secret', () => {
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => new Date(0),
  );
  log('error', `could not use ${secrets.key}\nforged: line`, {
    requestId: 'abc',
    authorization: `Bearer ${secrets.key}`,
    headers: { Cookie: secrets.token, host: 'example.com' },
    urls: [url, `https://api/v1/content/files/a?access_token=${secrets.token}`],
    error: new StowageError('internal_error', `failed at ${url}`, {
      cause: new Error(`because of ${secrets.token}`),
    }),
  });
  expect(lines).toHaveLength(1);
  const [line = ''] = lines;
  expect(line).not.toContain('\n');
  for (const secret of Object.values(secrets)) expect(line).not.toContain(secret.slice(-12));
  expect(line).not.toContain('AKIDEXAMPLE');
  expect(JSON.parse(line)).toMatchObject({
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    requestId: 'abc',
    authorization: '[redacted]',
    headers: { Cookie: '[redacted]', host: 'example.com' },
    error: { name: 'StowageError', code: 'internal_error', cause: { name: 'Error' } },
  });
});

test.each(['time', 'level', 'message'])("a field named %s takes nothing from the entry's own", (name) => {
  const lines: string[] = [];
  createLog((line) => lines.push(line))('warn', 'what happened', { [name]: 'of the caller' });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    time: expect.stringMatching(/^\d{4}-/),
    level: 'warn',
    message: 'what happened',
    [`${name}_`]: 'of the caller',
  });
});
