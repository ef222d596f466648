import type { WrittenGrant } from './oracle.ts';

/** The shapes that grants can have, as callers are given them. The object in question is `acme/ann/photo` of `files`. */

const all = ['read', 'write', 'delete', 'list', 'admin'];
const own = 'acme/ann/';
const files = (prefix: string, more: Partial<WrittenGrant> = {}): WrittenGrant => ({
  bucket: 'files',
  prefix,
  actions: all,
  ...more,
});
const everything: WrittenGrant = { bucket: '*', actions: all };
const deny = (prefix: string, actions: readonly string[], bucket = 'files'): WrittenGrant => ({
  effect: 'deny',
  bucket,
  prefix,
  actions,
});

export const shapes: Readonly<Record<string, readonly WrittenGrant[]>> = {
  ...Object.fromEntries(all.map((action) => [`${action} alone`, [files(own, { actions: [action] })]])),
  ...Object.fromEntries(
    all.map((action) => [
      `all but ${action}`,
      [files(own, { actions: all.filter((one) => one !== action) })],
    ]),
  ),
  ...Object.fromEntries(
    all.map((action) => [`${action} everywhere`, [{ ...everything, actions: [action] }]]),
  ),
  everything: [everything],
  'everything but admin': [{ ...everything, actions: ['read', 'write', 'delete', 'list'] }],
  'the bucket': [files('')],
  'the prefix': [files(own)],
  'the prefix of the tenant': [files('acme/')],
  'the prefix without its slash': [files('acme/ann')],
  'the key itself': [files('acme/ann/photo')],
  'a longer key': [files('acme/ann/photo2')],
  'another prefix': [files('acme/bob/')],
  'a prefix in another case': [files('ACME/ANN/')],
  'the prefix of the other tenant': [files('evil/')],
  'another bucket': [files(own, { bucket: 'images' })],
  'the prefix in every bucket': [files(own, { bucket: '*' })],
  'a template of both names': [files('${tenant}/${sub}/')],
  'a template of the tenant': [files('${tenant}/')],
  'a template of the name': [files('${sub}/')],
  'a template elsewhere': [files('evil/${sub}/')],
  'a size that is too small': [files(own, { maxObjectBytes: 4 })],
  'the exact size': [files(own, { maxObjectBytes: 5 })],
  'another type': [files(own, { contentTypes: ['text/html'] })],
  'the exact type': [files(own, { contentTypes: ['image/png'] })],
  'types of a kind': [files(own, { contentTypes: ['image/*'] })],
  'types of another kind': [files(own, { contentTypes: ['video/*', 'text/*'] })],
  'two grants that only together would do': [
    files(own, { maxObjectBytes: 4 }),
    files(own, { contentTypes: ['text/html'] }),
  ],
  'two grants of which one does': [files('acme/bob/'), files(own)],
  ...Object.fromEntries(
    all.map((action) => [`everything, ${action} denied below the prefix`, [everything, deny(own, [action])]]),
  ),
  'denied first': [deny(own, all), everything],
  'denied everywhere': [everything, deny('', all, '*')],
  'denied in another bucket': [everything, deny('', all, 'images')],
  'denied beside': [everything, deny('acme/bob/', all)],
  'denied by template': [everything, deny('${tenant}/${sub}/', all)],
  'denied by the key': [everything, deny('acme/ann/photo', all)],
  'denied further below': [everything, deny('acme/ann/photo/of/', all)],
  'reading denied further below': [everything, deny('acme/ann/photo/of/', ['read'])],
  'admin by nothing but a denial': [files(own, { actions: ['read'] }), deny(own, ['admin'])],
};
