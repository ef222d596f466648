/** A file that somebody chose, with its path inside what was chosen. */
export interface PickedFile {
  /** `holiday/2026/beach.jpg`; the name alone for a file that was chosen by itself. */
  readonly path: string;
  readonly file: File;
}

/** The choice of an `<input type="file">`, also of one that takes a folder. */
export function filesOfInput(input: HTMLInputElement): readonly PickedFile[] {
  return Array.from(input.files ?? [], (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/**
 * What was dropped, folders with all that is in them.
 *
 * @param transfer - read at once: after the event it is empty
 * @throws DOMException when a file cannot be read
 */
export async function filesOfDrop(transfer: DataTransfer): Promise<readonly PickedFile[]> {
  const dropped = Array.from(transfer.items)
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files = await Promise.all(
    dropped.map(async ({ entry, file }) => {
      if (entry?.isDirectory) return filesBelow(entry);
      return file ? [{ path: file.name, file }] : [];
    }),
  );
  return files.flat();
}

async function filesBelow(entry: FileSystemEntry): Promise<readonly PickedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  if (!isDirectory(entry)) return [];
  const found: PickedFile[] = [];
  for (const child of await childrenOf(entry)) found.push(...(await filesBelow(child)));
  return found;
}

/** The reader gives a hundred at a time, and none at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return children;
    children.push(...batch);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
