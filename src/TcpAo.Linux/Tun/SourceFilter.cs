// Classic BPF, linux/filter.h: loads at SKF_NET_OFF count from the network header, at SKF_AD_OFF they ask for what goes with the packet.
using System.Buffers.Binary;
using TcpAo.Keys;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Tun;

/// <summary>
/// Writes the filter of a packet socket: TCP for this host from some addresses. What it lets through is looked at again; it only keeps others' traffic away.
/// </summary>
internal static class SourceFilter
{
    private const int MaxInstructions = 4096;

    // BPF_LD | BPF_W | BPF_ABS and the like
    private const ushort LoadWord = 0x20;
    private const ushort LoadHalf = 0x28;
    private const ushort LoadByte = 0x30;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;

    private const uint NetworkHeader = 0xFFF0_0000;
    private const uint Ancillary = 0xFFFF_F000;
    private const uint AncillaryProtocol = Ancillary + 0;
    private const uint AncillaryPacketType = Ancillary + 4;
    private const uint AncillaryVlanTag = Ancillary + 44;
    private const uint VlanId = 0x0FFF;

    private const uint EtherTypeIPv4 = 0x0800;
    private const uint EtherTypeIPv6 = 0x86DD;
    private const uint ProtocolTcp = 6;
    private const uint Everything = 0x0004_0000;

    /// <summary>The program; where it would be too long, one without addresses.</summary>
    public static BpfInstruction[] Write(IEnumerable<IpPrefix> sources)
    {
        IpPrefix[] all = [.. sources];
        var program = new List<BpfInstruction>();
        WriteCommon(program);
        List<BpfInstruction> v4 = Addresses([.. all.Where(source => source.Family != IpFamily.IPv6)], isIPv6: false);
        List<BpfInstruction> v6 = Addresses([.. all.Where(source => source.Family != IpFamily.IPv4)], isIPv6: true);
        if (program.Count + v4.Count + v6.Count + 8 > MaxInstructions)
        {
            v4 = [Answer(Everything)];
            v6 = [Answer(Everything)];
        }

        // a conditional jump reaches 255 instructions, so each family begins with its own test and ends for good
        program.Add(Load(LoadHalf, AncillaryProtocol));
        program.Add(new BpfInstruction { Code = JumpIfEqual, K = EtherTypeIPv6, IfTrue = 0, IfFalse = 1 });
        program.Add(Jump(v4.Count + 5));
        program.Add(new BpfInstruction { Code = JumpIfEqual, K = EtherTypeIPv4, IfTrue = 1, IfFalse = 0 });
        program.Add(Answer(0));
        program.Add(Load(LoadByte, NetworkHeader + 9));
        program.Add(new BpfInstruction { Code = JumpIfEqual, K = ProtocolTcp, IfTrue = 1, IfFalse = 0 });
        program.Add(Answer(0));
        program.AddRange(v4);

        // behind extension headers TCP may still come: the address decides
        program.AddRange(v6);
        return [.. program];
    }

    /// <summary>For this host, and not with a VLAN tag: that comes once more by the VLAN's own interface.</summary>
    private static void WriteCommon(List<BpfInstruction> program)
    {
        program.Add(Load(LoadByte, AncillaryPacketType));
        program.Add(new BpfInstruction { Code = JumpIfEqual, K = Libc.PACKET_HOST, IfTrue = 1, IfFalse = 0 });
        program.Add(Answer(0));
        program.Add(Load(LoadHalf, AncillaryVlanTag));
        program.Add(new BpfInstruction { Code = And, K = VlanId });
        program.Add(new BpfInstruction { Code = JumpIfEqual, K = 0, IfTrue = 1, IfFalse = 0 });
        program.Add(Answer(0));
    }

    private static List<BpfInstruction> Addresses(IReadOnlyList<IpPrefix> sources, bool isIPv6)
    {
        var program = new List<BpfInstruction>();
        Span<byte> bytes = stackalloc byte[16];
        foreach (IpPrefix source in sources)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, source.Address.High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], source.Address.Low);
            Span<byte> address = isIPv6 ? bytes : bytes[12..];
            int words = (source.PrefixLength + 31) / 32;
            for (int word = 0; word < words; word++)
            {
                int bits = Math.Min(source.PrefixLength - (32 * word), 32);
                uint mask = bits == 32 ? uint.MaxValue : ~(uint.MaxValue >> bits);
                program.Add(Load(LoadWord, NetworkHeader + (uint)((isIPv6 ? 8 : 12) + (4 * word))));
                if (bits < 32)
                {
                    program.Add(new BpfInstruction { Code = And, K = mask });
                }

                // past the rest of this address and its answer
                byte rest = (byte)Enumerable.Range(word + 1, words - word - 1).Sum(next => source.PrefixLength - (32 * next) < 32 ? 3 : 2);
                program.Add(new BpfInstruction { Code = JumpIfEqual, K = BinaryPrimitives.ReadUInt32BigEndian(address[(4 * word)..]) & mask, IfTrue = 0, IfFalse = (byte)(rest + 1) });
            }

            program.Add(Answer(Everything));
        }

        program.Add(Answer(0));
        return program;
    }

    private static BpfInstruction Load(ushort code, uint from) => new() { Code = code, K = from };

    private static BpfInstruction Jump(int count) => new() { Code = 0x05, K = (uint)count };

    private static BpfInstruction Answer(uint bytes) => new() { Code = Return, K = bytes };
}
