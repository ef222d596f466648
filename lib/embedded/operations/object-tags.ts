import { xmlElement } from '../../storage/xml.ts';
import type { Operation } from '../call.ts';
import { xmlReply } from '../respond.ts';
import { objectOf } from './get-object.ts';

export const getObjectTagging: Operation = (services, call) =>
  xmlReply('Tagging', [
    xmlElement(
      'TagSet',
      Object.entries(objectOf(services, call).tags).map(([name, value]) =>
        xmlElement('Tag', [xmlElement('Key', name), xmlElement('Value', value)]),
      ),
    ),
  ]);
