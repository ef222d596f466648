import { describeManyKeys } from './acceptance/many-keys.ts';
import { startStore } from './server.ts';

describeManyKeys(startStore, 20_000);
