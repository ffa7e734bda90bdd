// Writes a tar archive, the format of the upstream's speech: ustar headers of 512 bytes, data padded to 512.

export type TarMember = { readonly name: string; readonly data: Buffer }

function createMember({ name, data }: TarMember): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1') // mode, owner, group
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.write(`${'0'.repeat(11)}\0`, 136, 'latin1') // modified at
  header.write('        0', 148, 'latin1') // the checksum is computed over spaces; type 0: a regular file
  header.write('ustar\0' + '00', 257, 'latin1')
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

export function createTar(members: readonly TarMember[]): Buffer {
  return Buffer.concat([...members.map(createMember), Buffer.alloc(1_024)])
}
