import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildConsole } from '../../functions/console/build.ts';
import { createClient, type StowageClient } from '../../lib/client/client.ts';
import { parseStandaloneEnvironment } from '../../lib/config/standalone-environment.ts';
import { startStandalone } from '../../lib/hosts/standalone.ts';
import { readPages } from '../../lib/pages/read-pages.ts';
import {
  audience,
  consoleClientId,
  type OpenIdProvider,
  startOpenIdProvider,
} from '../support/openid-provider.ts';
import { findProgram } from '../support/programs.ts';
import { rootKey } from '../support/service.ts';

/** Where Chromium is; `undefined` where there is none, so that its tests are skipped. */
export const chromiumPath = findProgram('chromium', 'chromium-browser', 'google-chrome');

/** The console as `npm start` serves it, and a real browser before it. */
export interface OpenConsole {
  readonly url: string;
  /** Whom people may sign in with. */
  readonly provider: OpenIdProvider;
  readonly client: StowageClient;
  /** For files to upload. */
  readonly folder: string;
  /** A page in a context of its own: it shares nothing with the others. */
  readonly newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** A page where root is signed in and looks at a place, such as `files/photos/` or `#webhooks`. */
  readonly signedIn: (place?: string, options?: BrowserContextOptions) => Promise<Page>;
  /** What browsers have complained of so far: breaches of the policy, errors in scripts, messages on the console. */
  readonly complaints: string[];
  readonly closePages: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Keeps the browser off the network, and makes it run anywhere. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openConsole(): Promise<OpenConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-console-'));
  await buildConsole(join(folder, 'dist'));
  const provider = await startOpenIdProvider();
  const issuer = {
    issuer: provider.issuer,
    audience,
    signIn: { clientId: consoleClientId },
    grants: [{ bucket: 'files', prefix: 'users/${sub}/', actions: ['read', 'write', 'list'] }],
  };
  await writeFile(
    join(folder, 'stowage.json'),
    JSON.stringify({ buckets: { files: {}, media: {} }, access: { issuers: [issuer] } }),
  );
  const environment = parseStandaloneEnvironment({
    STOWAGE_CONFIG: join(folder, 'stowage.json'),
    STOWAGE_DATA_DIR: join(folder, 'data'),
    STOWAGE_API_PORT: '0',
    STOWAGE_S3_PORT: '0',
    STOWAGE_ROOT_KEY: rootKey,
    STOWAGE_WEBHOOK_ALLOW_LOOPBACK: 'true',
  });
  const service = await startStandalone(environment, () => undefined, readPages(join(folder, 'dist')));
  const url = service.apiUrl;
  provider.registerConsole(`${url}/`);
  const browser = await launch();
  const complaints: string[] = [];

  const newPage = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext(options);
    // Sooner than the test's own time is over, so that the failure names the step.
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // Browsers remark on every refusal. Those of the service and of storage are what some tests want to see.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (isRefusal && !message.location().url.startsWith(`${url}/assets/`)) return;
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    return page;
  };

  return {
    url,
    provider,
    client: createClient({ baseUrl: url, credential: rootKey }),
    folder,
    newPage,
    complaints,
    signedIn: async (place = 'files/', options = {}) => {
      const page = await newPage(options);
      // As a reload would find it: one way in fewer for each test.
      await page.addInitScript((key) => {
        if (location.protocol === 'http:') sessionStorage.setItem('stowage.credential', key);
      }, rootKey);
      await page.goto(place.startsWith('#') ? `${url}/${place}` : `${url}/#/${place}`);
      await page.locator('.listing:not([aria-busy=true]), .empty, .fault, .page-title').first().waitFor();
      return page;
    },
    closePages: async () => {
      for (const context of browser.contexts()) await context.close();
    },
    close: async () => {
      await browser.close();
      await service.stop();
      await provider.close();
      await rm(folder, { recursive: true });
    },
  };
}

function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('there is no Chromium');
  return chromium.launch({ executablePath: chromiumPath, args: flags });
}
