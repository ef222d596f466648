import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { accessibilitySuite } from './accessibility.ts';
import { docsSuite } from './docs.ts';
import { keyboardSuite } from './keyboard.ts';
import { keysSuite } from './keys.ts';
import { objectsSuite } from './objects.ts';
import { chromiumPath, openConsole, type OpenConsole } from './open-console.ts';
import { providerSuite } from './provider.ts';
import { signInSuite } from './sign-in.ts';
import { uploadsSuite } from './uploads.ts';
import { webhooksSuite } from './webhooks.ts';

/** One service and one browser for all: to start them takes longer than most of the tests. */
describe.skipIf(chromiumPath === undefined)('the console in Chromium', () => {
  let console: OpenConsole;
  const opened = () => console;

  beforeAll(async () => {
    console = await openConsole();
  });

  afterEach(async () => {
    await console.closePages();
    expect(console.complaints.splice(0)).toEqual([]);
  });

  afterAll(() => console.close());

  describe('signing in', () => signInSuite(opened));
  describe('signing in with an OpenID provider', () => providerSuite(opened));
  describe('uploads', () => uploadsSuite(opened));
  describe('objects', () => objectsSuite(opened));
  describe('API keys', () => keysSuite(opened));
  describe('webhooks', () => webhooksSuite(opened));
  describe('by keyboard alone', () => keyboardSuite(opened));
  describe('the contract at /docs', () => docsSuite(opened));
  describe('no barrier that axe finds, in light and in dark colours', () => accessibilitySuite(opened));
});
