import { startsWith, type Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

/** Only recognised: no maintained reader exists, and the format is withdrawn. Saying what it is beats bare bytes. */
export const dotnet: Codec = {
  id: 'dotnet',
  proof: 'sure',
  mayBe: (bytes) => bytes.length > 17 && startsWith(bytes, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0),
  decode: () => {
    throw new DecodeFault('the header is that of .NET BinaryFormatter, which is recognised but not read', 0);
  },
};
