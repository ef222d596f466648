/**
 * CRC-64/NVME: reflected polynomial 0x9A6C9329AC4BC9B5, all ones before and after. Eight bytes a step.
 *
 * JavaScript has no fast 64-bit integer, so a CRC is a pair of 32-bit halves.
 *
 * @see https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme
 */
export interface Crc64Nvme {
  update: (bytes: Uint8Array) => void;
  /** Eight bytes, the highest first. */
  digest: () => Buffer;
}

const polynomial = { high: 0x9a6c9329, low: 0xac4bc9b5 };

/**
 * Eight tables of 256 CRCs: table n holds, for every byte, its CRC after n further zero bytes. Each entry is the low
 * half, then the high one. (A DataView, as its reads need no check for holes.)
 */
const tables = new DataView(new ArrayBuffer(8 * 256 * 8));
const entryBytes = 8;
const tableBytes = 256 * entryBytes;

for (let byte = 0; byte < 256; byte += 1) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      low ^= polynomial.low;
      high ^= polynomial.high;
    }
  }
  writeEntry(byte * entryBytes, low, high);
}
for (let at = tableBytes; at < tables.byteLength; at += entryBytes) {
  const low = tables.getInt32(at - tableBytes, true);
  const high = tables.getInt32(at - tableBytes + 4, true);
  const next = (low & 0xff) * entryBytes;
  writeEntry(
    at,
    (low >>> 8) ^ (high << 24) ^ tables.getInt32(next, true),
    (high >>> 8) ^ tables.getInt32(next + 4, true),
  );
}

function writeEntry(at: number, low: number, high: number): void {
  tables.setInt32(at, low, true);
  tables.setInt32(at + 4, high, true);
}

export function createCrc64Nvme(): Crc64Nvme {
  let low = -1;
  let high = -1;

  function update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const wholeSteps = bytes.length - (bytes.length % 8);
    let at = 0;
    for (; at < wholeSteps; at += 8) {
      const a = low ^ view.getInt32(at, true);
      const b = high ^ view.getInt32(at + 4, true);
      const e0 = 7 * tableBytes + ((a & 0xff) << 3);
      const e1 = 6 * tableBytes + (((a >>> 8) & 0xff) << 3);
      const e2 = 5 * tableBytes + (((a >>> 16) & 0xff) << 3);
      const e3 = 4 * tableBytes + ((a >>> 24) << 3);
      const e4 = 3 * tableBytes + ((b & 0xff) << 3);
      const e5 = 2 * tableBytes + (((b >>> 8) & 0xff) << 3);
      const e6 = tableBytes + (((b >>> 16) & 0xff) << 3);
      const e7 = (b >>> 24) << 3;
      low =
        tables.getInt32(e0, true) ^
        tables.getInt32(e1, true) ^
        tables.getInt32(e2, true) ^
        tables.getInt32(e3, true) ^
        tables.getInt32(e4, true) ^
        tables.getInt32(e5, true) ^
        tables.getInt32(e6, true) ^
        tables.getInt32(e7, true);
      high =
        tables.getInt32(e0 + 4, true) ^
        tables.getInt32(e1 + 4, true) ^
        tables.getInt32(e2 + 4, true) ^
        tables.getInt32(e3 + 4, true) ^
        tables.getInt32(e4 + 4, true) ^
        tables.getInt32(e5 + 4, true) ^
        tables.getInt32(e6 + 4, true) ^
        tables.getInt32(e7 + 4, true);
    }
    for (; at < bytes.length; at += 1) {
      const entry = ((low ^ view.getUint8(at)) & 0xff) << 3;
      low = (low >>> 8) ^ (high << 24) ^ tables.getInt32(entry, true);
      high = (high >>> 8) ^ tables.getInt32(entry + 4, true);
    }
  }

  return {
    update,
    digest: () => {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeInt32BE(~high, 0);
      bytes.writeInt32BE(~low, 4);
      return bytes;
    },
  };
}
