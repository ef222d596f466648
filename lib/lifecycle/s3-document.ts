import { S3Error } from '../storage/errors.ts';
import { parseXml } from '../storage/xml.ts';
import { InvalidLifecycle, MalformedLifecycle, readLifecycle } from './read-lifecycle.ts';
import { type LifecycleRule, withId } from './rule.ts';

/**
 * Reads the rules that storage has answered with.
 *
 * @throws {@link S3Error} for rules that S3 does not know, such as another server's storage classes
 */
export function rulesOfStorage(body: string): LifecycleRule[] {
  try {
    return readLifecycle(parseXml(body)).map((rule, index) => withId(rule, () => `rule-${index}`));
  } catch (error) {
    if (!(error instanceof MalformedLifecycle || error instanceof InvalidLifecycle)) throw error;
    throw new S3Error(200, 'UnexpectedAnswer', `storage has rules that S3 does not: ${error.message}`, error);
  }
}
