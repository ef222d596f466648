import { hostSuite } from './suite/host-suite.ts';
import { openStandalone } from './suite/open-standalone.ts';

hostSuite('as a standalone process', openStandalone, { attacks: 'sockets' });
