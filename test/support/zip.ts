import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** `st_mode`, as zip tools of Unix keep it. */
  readonly mode?: number;
  readonly deflate?: boolean;
  /** Lies about the size of the content. */
  readonly size?: number;
  readonly crc?: number;
  /** Compression method, and flags: bit 0 is encryption. */
  readonly method?: number;
  readonly flags?: number;
}

/** A zip archive (APPNOTE 6.3), for tests: whatever is asked for, right or wrong. 2000-01-01 is the time of all. */
export function zipOf(members: readonly ZipMember[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const content = Buffer.from(member.content ?? '');
    const packed = member.deflate === true ? deflateRawSync(content) : content;
    const name = Buffer.from(member.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800 | (member.flags ?? 0), 2);
    common.writeUInt16LE(member.method ?? (member.deflate === true ? 8 : 0), 4);
    common.writeUInt16LE(0, 6);
    common.writeUInt16LE(((2000 - 1980) << 9) | (1 << 5) | 1, 8);
    common.writeUInt32LE(member.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(member.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const head = Buffer.from('PK\u0003\u0004');
    local.push(head, common, name, packed);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002', 'latin1');
    entry.writeUInt16LE((3 << 8) | 20, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE((member.mode ?? 0o100_644) * 0x1_0000, 38);
    entry.writeUInt32LE(offset, 42);
    central.push(entry, name);
    offset += head.length + common.length + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
