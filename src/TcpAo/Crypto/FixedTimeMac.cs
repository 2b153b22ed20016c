using System.Buffers.Binary;

namespace TcpAo.Crypto;

/// <summary>
/// Compares MACs without an early exit. A branch-free comparison of words: the BCL's loop over bytes costs about 100
/// cycles, this one a few.
/// </summary>
public static class FixedTimeMac
{
    /// <summary>Whether both are the same MAC. Only their lengths show in the time it takes.</summary>
    /// <returns>False also for lengths that no MAC has: none or more than 16 bytes.</returns>
    public static bool Equals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length || a.Length is 0 or > MacAlgorithm.LongestMac)
        {
            return false;
        }

        if (a.Length < sizeof(uint))
        {
            // only keys of sockets are so short
            int differences = 0;
            for (int i = 0; i < a.Length; i++)
            {
                differences |= a[i] ^ b[i];
            }

            return differences == 0;
        }

        // two words that overlap as far as the length demands
        ulong difference = a.Length >= sizeof(ulong)
            ? (BinaryPrimitives.ReadUInt64LittleEndian(a) ^ BinaryPrimitives.ReadUInt64LittleEndian(b))
                | (BinaryPrimitives.ReadUInt64LittleEndian(a[^sizeof(ulong)..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(b[^sizeof(ulong)..]))
            : (BinaryPrimitives.ReadUInt32LittleEndian(a) ^ BinaryPrimitives.ReadUInt32LittleEndian(b))
                | (BinaryPrimitives.ReadUInt32LittleEndian(a[^sizeof(uint)..]) ^ BinaryPrimitives.ReadUInt32LittleEndian(b[^sizeof(uint)..]));
        return difference == 0;
    }
}
