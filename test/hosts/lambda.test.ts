import { hostSuite } from './suite/host-suite.ts';
import { openOnLambda } from './suite/open-lambda.ts';

hostSuite('on Lambda', openOnLambda, { attacks: 'requests' });
