import { expect, test } from 'vitest';
import { customEndpoint, targetOf } from '../../lib/storage/endpoint.ts';

test.each([
  ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
  ['https://S3.Example.com:443/', 'https://s3.example.com'],
  ['http://[::1]:9000', 'http://[::1]:9000'],
])('%s is an endpoint', (text, origin) => {
  expect(customEndpoint(text)).toEqual({ origin, style: 'path' });
});

test.each([
  '',
  's3.example.com',
  'ftp://s3.example.com',
  'https://s3.example.com/base',
  'https://s3.example.com?region=x',
  'https://s3.example.com#x',
  'https://user:password@s3.example.com',
])('"%s" is none', (text) => {
  expect(() => customEndpoint(text)).toThrow(TypeError);
});

test('a bucket may have another name in storage', () => {
  const endpoint = { ...customEndpoint('http://127.0.0.1:9000'), bucketNames: { media: 'media-prod-1234' } };
  expect(targetOf(endpoint, 'media', 'a').path).toBe('/media-prod-1234/a');
  expect(targetOf(endpoint, 'files', 'a').path).toBe('/files/a');
  expect(targetOf({ ...endpoint, style: 'virtual' }, 'media').host).toBe('media-prod-1234.127.0.0.1:9000');
});
