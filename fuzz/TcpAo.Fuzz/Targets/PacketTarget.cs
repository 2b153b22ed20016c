using TcpAo.Fuzz.Oracle;
using TcpAo.Fuzz.Seeds;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary><see cref="TcpPacket.TryParse"/> against a second parser; after a refusal every property can be read all the same.</summary>
internal sealed class PacketTarget : IFuzzTarget
{
    public string Name => "packet";

    public IEnumerable<byte[]> Seeds => SeedPackets.All;

    public void Run(ReadOnlySpan<byte> input)
    {
        RunAs(input, PacketOrigin.Network);
        RunAs(input, PacketOrigin.Capture);
    }

    private static void RunAs(ReadOnlySpan<byte> input, PacketOrigin origin)
    {
        DropReason reason = TcpPacket.TryParse(input, out TcpPacket packet, origin);
        Signals.Note(1, (int)reason, (int)origin);
        ReadEverything(packet);
        SlowPacket? slow = SlowPacket.Read(input.ToArray(), origin == PacketOrigin.Capture);
        Check.That((reason == DropReason.None) == slow is not null, $"both parsers agree; the fast one says {reason}");
        if (slow is null)
        {
            return;
        }

        Check.Equal(slow.TcpOffset, packet.TcpOffset);
        Check.Equal(slow.HeaderLength, packet.TcpHeaderLength);
        Check.Equal(slow.SegmentLength, packet.SegmentLength);
        Check.Equal(slow.End, packet.Bytes.Length);
        Check.Equal(slow.IsCut, packet.IsTruncated);
        Check.Equal(slow.Ao?.Offset ?? 0, packet.AoOffset);
        Check.Equal(slow.Ao?.Length ?? 0, packet.AoLength);
        Check.Equal(slow.Md5?.Offset ?? 0, packet.Md5Offset);
        Check.That(packet.HasAddresses && packet.HasPorts && !packet.IsFirstFragment);
        Check.Equal(packet.HasAo ? packet.AoLength - 4 : 0, packet.Mac.Length);
        Check.Equal(packet.HasMd5 ? 16 : 0, packet.Md5Digest.Length);
        Check.Equal(slow.End - slow.TcpOffset - slow.HeaderLength, packet.Payload.Length);
        Check.Equal(slow.HeaderLength - 20, packet.Options.Length);
        byte[] header = input.Slice(slow.TcpOffset, slow.HeaderLength).ToArray();
        Check.Equal(header, packet.TcpHeader);
        Check.Equal((header[0] << 8) | header[1], packet.SourcePort);
        Check.Equal((header[2] << 8) | header[3], packet.DestinationPort);
        Check.Equal((TcpFlags)header[13], packet.Flags);
        Signals.Note(2, slow.TcpOffset, slow.HeaderLength);
        Signals.Note(3, packet.MacLength, packet.HasMd5 ? 1 : 0);
        if (!packet.IsTruncated)
        {
            byte[] whole = input[..slow.End].ToArray();
            bool isWholeBySelf = SlowPacket.Read(whole, isCapture: false) is not null;
            Check.That(!isWholeBySelf || InternetChecksum.VerifyTcp(packet) == Checksums.IsTcpRight(whole), "both checksums agree");
        }
    }

    /// <summary>No property may throw, whatever the parse said.</summary>
    private static void ReadEverything(in TcpPacket packet)
    {
        int sum = packet.SourceAddress.Length + packet.DestinationAddress.Length + packet.PayloadOffset + packet.SourcePort + packet.DestinationPort
            + packet.Window + packet.Checksum + packet.TcpHeader.Length + packet.Options.Length + packet.Payload.Length + packet.MacLength
            + packet.KeyId + packet.RNextKeyId + packet.Mac.Length + packet.Md5Digest.Length + (int)packet.Flags;
        uint numbers = packet.Sequence ^ packet.Acknowledgment ^ packet.SegmentSequenceLength;
        bool flags = packet.IsIPv6 ^ packet.HasAddresses ^ packet.HasPorts ^ packet.IsFirstFragment ^ packet.IsTruncated ^ packet.HasAo ^ packet.HasMd5;
        Check.That(sum >= 0 && (numbers != 0 || numbers == 0) && (flags || !flags));
        Check.That(packet.SourceAddress.Length == packet.DestinationAddress.Length);
        _ = InternetChecksum.ComputeTcp(packet);
        _ = InternetChecksum.VerifyTcp(packet);
    }
}
