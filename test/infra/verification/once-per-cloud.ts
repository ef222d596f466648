import type { Cloud } from './cloud.ts';

/** What is read out of a cloud, read only once: hundreds of questions are asked about each. */
export function oncePerCloud<T>(read: (cloud: Cloud) => T): (cloud: Cloud) => T {
  const known = new WeakMap<Cloud, T>();
  return (cloud) => {
    const found = known.get(cloud) ?? read(cloud);
    known.set(cloud, found);
    return found;
  };
}
