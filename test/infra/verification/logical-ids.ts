import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cloud, type Placed, resourcesOf } from './cloud.ts';
import { type Finding, placeOf } from './finding.ts';
import { holdsData } from './invariants/data.ts';

const logicalIdFile = join(import.meta.dirname, '../logical-ids.txt');

/** The resources that hold data, one a line: `prod Data EncryptionKey1B843E66 AWS::KMS::Key`. */
function dataResources(cloud: Cloud): string[] {
  return resourcesOf(cloud)
    .filter(({ resource }) => holdsData(resource.Type) && resource.Type !== 'AWS::Logs::LogGroup')
    .map(lineOf)
    .toSorted();
}

/** What holds data keeps the logical id that it was deployed with. */
export function keepsLogicalIds(cloud: Cloud): Finding[] {
  const pinned = readFileSync(logicalIdFile, 'utf8').split('\n');
  const there = new Set(dataResources(cloud));
  const gone = pinned
    .filter((line) => line.startsWith(`Stowage-${cloud.stage}-`) && !there.has(line))
    .map((line): Finding => {
      const [stack = '', id = '', type = ''] = line.split(' ');
      return {
        rule: 'what holds data keeps its logical id',
        at: `${stack}/${id}`,
        message:
          `This ${type} is no longer in the template. CloudFormation would leave the deployed one behind with all ` +
          'that it holds, and make an empty one. Give the construct its old id, or write down how the data moves and ' +
          'then take the line out of test/infra/logical-ids.txt.',
      };
    });
  const added = resourcesOf(cloud)
    .filter((placed) => there.has(lineOf(placed)) && !pinned.includes(lineOf(placed)))
    .map((placed): Finding => ({
      rule: 'what holds data keeps its logical id',
      at: placeOf(placed),
      message: `Holds data: add "${lineOf(placed)}" to test/infra/logical-ids.txt, so that it keeps its id.`,
    }));
  return [...gone, ...added];
}

function lineOf({ stack, id, resource }: Placed): string {
  return `${stack.name} ${id} ${resource.Type}`;
}
