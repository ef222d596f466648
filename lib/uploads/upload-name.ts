/**
 * An upload's id begins with a name, `upl_…`, that storage's events tell of, too: by it a webhook's receiver knows which
 * upload an object came by. Behind a dot follows what is sealed.
 */

export function nameOfUpload(marker: string): string {
  return `upl_${marker}`;
}

export function toUploadId(marker: string, sealed: string): string {
  return `${nameOfUpload(marker)}.${sealed}`;
}

/** @returns without a name for the id of an upload that nobody knows by one */
export function partsOf(uploadId: string): { readonly name?: string; readonly sealed: string } {
  const [name = '', sealed] = uploadId.split(/\.(.*)/s);
  return sealed === undefined ? { sealed: name } : { name, sealed };
}
