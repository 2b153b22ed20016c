using System.Buffers.Binary;
using TcpAo.Wire;

namespace TcpAo.Tests.Simulation;

/// <summary>Sees every packet and makes forged ones of them; has no key. Each of its packets must be refused wherever it arrives.</summary>
internal sealed class Attacker(Random random, bool includeTcpOptions)
{
    /// <summary>A forged packet made from one that was seen.</summary>
    public byte[] Forge(byte[] seen) => random.Next(6) switch
    {
        0 => Stripped(seen, TcpFlags.None),
        1 => Stripped(seen, TcpFlags.Rst),
        2 => WithMac(seen),
        3 => WithMacLength(seen),
        _ => Flipped(seen),
    };

    /// <summary>One bit of what the MAC covers, or of the MAC itself, is another.</summary>
    private byte[] Flipped(byte[] seen)
    {
        TcpPacket.TryParse(seen, out TcpPacket packet);
        byte[] forged = [.. seen];
        int at;
        do
        {
            at = random.Next(packet.TcpOffset, seen.Length);
        }
        while (!IsCovered(at - packet.TcpOffset, packet));

        forged[at] ^= (byte)(1 << random.Next(8));
        return forged;
    }

    private bool IsCovered(int offset, in TcpPacket packet) => offset switch
    {
        16 or 17 => false,
        < 20 => true,
        _ => includeTcpOptions || offset >= packet.TcpHeaderLength || (offset >= packet.AoOffset && offset < packet.AoOffset + packet.AoLength),
    };

    private byte[] WithMac(byte[] seen)
    {
        TcpPacket.TryParse(seen, out TcpPacket packet);
        byte[] forged = [.. seen];
        random.NextBytes(forged.AsSpan(packet.TcpOffset + packet.AoOffset + 4, packet.MacLength));
        BinaryPrimitives.WriteUInt32BigEndian(forged.AsSpan(packet.TcpOffset + 4), packet.Sequence + (uint)random.Next(1, 100));
        return forged;
    }

    private static byte[] Stripped(byte[] seen, TcpFlags more)
    {
        byte[] forged = [.. seen];
        int length = forged.Length;
        TcpPacketEditor.RemoveOption(forged, ref length, TcpOptionKind.TcpAo);
        TcpPacket.TryParse(forged.AsSpan(0, length), out TcpPacket packet);
        forged[packet.TcpOffset + 13] |= (byte)more;
        return forged[..length];
    }

    private byte[] WithMacLength(byte[] seen)
    {
        TcpPacket.TryParse(seen, out TcpPacket packet);
        byte[] forged = new byte[seen.Length + 32];
        byte keyId = packet.KeyId;
        byte rnextKeyId = packet.RNextKeyId;
        int macLength = packet.MacLength;
        seen.CopyTo(forged, 0);
        int length = seen.Length;
        TcpPacketEditor.RemoveOption(forged, ref length, TcpOptionKind.TcpAo);
        TcpPacketEditor.InsertAo(forged, ref length, macLength == 4 ? 0 : macLength - random.Next(1, 4), keyId, rnextKeyId, out _);
        return forged[..length];
    }
}
