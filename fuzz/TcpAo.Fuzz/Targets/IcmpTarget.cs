using TcpAo.Fuzz.Oracle;
using TcpAo.Fuzz.Seeds;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary><see cref="IcmpError.TryParse"/> against a second parser.</summary>
internal sealed class IcmpTarget : IFuzzTarget
{
    public string Name => "icmp";

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (byte[] quoted in SeedPackets.All)
            {
                yield return Wrap(quoted, 3, 1);
                yield return Wrap(quoted, 1, 4);
            }
        }
    }

    /// <summary>An ICMP error of the quoted packet's IP version.</summary>
    public static byte[] Wrap(byte[] quoted, byte type, byte code)
    {
        byte[] icmp = [type, code, 0, 0, 0, 0, 0, 0, .. quoted.AsSpan(0, Math.Min(quoted.Length, 96))];
        byte[] packet = quoted[0] >> 4 == 4 ? SeedPackets.IPv4(icmp, null, isReply: true) : SeedPackets.IPv6(icmp, isReply: true);
        packet[quoted[0] >> 4 == 4 ? 9 : 6] = (byte)(quoted[0] >> 4 == 4 ? 1 : 58);
        return packet;
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        bool isError = IcmpError.TryParse(input, out IcmpError error);
        SlowIcmp? slow = SlowIcmp.Read(input.ToArray());
        Check.Equal(slow is not null, isError);
        if (slow is null)
        {
            Check.Equal(default, error);
            return;
        }

        Check.Equal(slow.Type, error.Type);
        Check.Equal(slow.Code, error.Code);
        Check.Equal(slow.Source.Length == 16, error.IsIPv6);
        Check.Equal(IpAddressBits.FromBytes(slow.Source), error.QuotedSource);
        Check.Equal(IpAddressBits.FromBytes(slow.Destination), error.QuotedDestination);
        Check.Equal((slow.Ports[0] << 8) | slow.Ports[1], error.QuotedSourcePort);
        Check.Equal((slow.Ports[2] << 8) | slow.Ports[3], error.QuotedDestinationPort);
        bool isHard = error.IsIPv6 ? slow is { Type: 1, Code: 1 or 4 } : slow is { Type: 3, Code: 2 or 3 or 4 };
        Check.Equal(isHard, error.IsHard);
        Signals.Note(1, slow.Type, slow.Code);
    }
}
