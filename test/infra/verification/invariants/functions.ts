import { existsSync, readFileSync } from 'node:fs';
import { resourcesOf } from '../cloud.ts';
import { dig, textsAt } from '../dig.ts';
import { placeOf } from '../finding.ts';
import { drawnName } from '../names.ts';
import { propertiesOf } from '../resolve.ts';
import { each, type Invariant } from './invariant.ts';

/** That functions run as Lambda is asked to run them, and leave traces that can be read. */
export const functionInvariants: Readonly<Record<string, Invariant>> = {
  'functions run on Node 24 for ARM': each(['AWS::Lambda::Function'], (properties) =>
    dig(properties, 'Runtime') === 'nodejs24.x' && dig(properties, 'Architectures', 0) === 'arm64'
      ? undefined
      : `runs on ${String(dig(properties, 'Runtime'))} for ${String(dig(properties, 'Architectures', 0))}`,
  ),

  'a handler is there': each(['AWS::Lambda::Function'], (properties) => {
    const [entry = '', name = ''] = String(dig(properties, 'Handler')).split('.');
    const file = `functions/${entry}.ts`;
    if (!existsSync(file)) return `there is no ${file}`;
    return new RegExp(`export const (?:${name} |\\{[^}]*\\b${name}\\b)`).test(readFileSync(file, 'utf8'))
      ? undefined
      : `${file} exports no "${name}"`;
  }),

  'a function finds its configuration': each(['AWS::Lambda::Function'], (properties) =>
    dig(properties, 'Environment', 'Variables', 'STOWAGE_CONFIG') === '/var/task/stowage.json'
      ? undefined
      : 'looks for stowage.json where it is not',
  ),

  'functions are traced': each(['AWS::Lambda::Function'], (properties) =>
    dig(properties, 'TracingConfig', 'Mode') === 'Active' ? undefined : 'is not traced',
  ),

  'logs are kept for a time that is set': each(['AWS::Logs::LogGroup'], ({ RetentionInDays }) =>
    typeof RetentionInDays === 'number' ? undefined : 'keeps its logs for ever',
  ),

  'a function logs to a group of its stack': (cloud) => {
    const groups = new Set(resourcesOf(cloud, 'AWS::Logs::LogGroup').map(drawnName));
    return resourcesOf(cloud, 'AWS::Lambda::Function')
      .filter((placed) => {
        const [group = ''] = textsAt(propertiesOf(placed, cloud), 'LoggingConfig', 'LogGroup');
        return !groups.has(group);
      })
      .map((placed) => ({
        at: placeOf(placed),
        message: 'logs to a group that Lambda makes, which keeps its logs for ever',
      }));
  },
};
