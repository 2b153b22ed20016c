using TcpAo.Fuzz.Memory;
using TcpAo.Fuzz.Oracle;
using TcpAo.Fuzz.Seeds;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary>
/// <see cref="TcpPacketEditor"/> on a buffer that ends at the guard page. The input is operation, parameter, room behind the packet, switches,
/// packet. What is refused is untouched; what is done parses, adds up, keeps the other options and the payload, and keeps checksums right or wrong.
/// </summary>
internal sealed class EditorTarget : IFuzzTarget
{
    private const int PrefixLength = 4;
    private const byte Nop = 1;
    private const byte Sack = 5;

    private readonly GuardedMemory _memory = new(TargetRunner.MaxInput + 256);

    public string Name => "editor";

    public IEnumerable<byte[]> Seeds =>
        from operation in Enumerable.Range(0, 6)
        from packet in SeedPackets.All
        select (byte[])[(byte)operation, 12, 40, 1, .. packet];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < PrefixLength)
        {
            return;
        }

        byte[] before = input[PrefixLength..].ToArray();
        if ((input[3] & 1) != 0 && SlowPacket.Read(before, isCapture: false) is not null)
        {
            Checksums.Fix(before);
        }

        int room = input[2] % 64;
        Span<byte> buffer = _memory.Take(before.Length + room, GuardSide.Behind);
        before.CopyTo(buffer);
        buffer[before.Length..].Fill(0xEE);
        int length = before.Length;
        Edit edit = new((byte)(input[0] % 6), input[1]);
        DropReason reason = edit.Apply(buffer, ref length);
        Signals.Note(1, edit.Operation, (int)reason);

        SlowPacket? old = SlowPacket.Read(before, isCapture: false);
        if (reason != DropReason.None || old is null)
        {
            Check.Equal(before.Length, length);
            Check.Equal(before, buffer[..length]);
            Check.That(reason != DropReason.None || old is not null, "only what can be read is edited");
            return;
        }

        byte[] after = buffer[..length].ToArray();
        SlowPacket? read = SlowPacket.Read(after, isCapture: false);
        Check.That(read is not null, "what was edited can be read");
        CheckLengths(edit, before, old, after, read);
        CheckOptions(edit, before, old, after, read);
        Check.Equal(before[(old.TcpOffset + old.HeaderLength)..old.End], after[(read.TcpOffset + read.HeaderLength)..read.End]);
        Check.Equal(Checksums.IsTcpRight(before), Checksums.IsTcpRight(after));
        Check.Equal(Checksums.IsIPv4Right(before), Checksums.IsIPv4Right(after));
    }

    private static void CheckLengths(Edit edit, byte[] before, SlowPacket old, byte[] after, SlowPacket read)
    {
        Check.Equal(TcpOptionsEnd(old, before) + read.HeaderLength - old.HeaderLength, read.End);
        if (edit.ChangesLength(before, old))
        {
            Check.Equal(read.End, after.Length);
        }
        else
        {
            Check.Equal(before.Length, after.Length);
        }

        Check.Equal(old.SegmentLength + read.HeaderLength - old.HeaderLength, read.SegmentLength);
        Check.Equal(old.TcpOffset, read.TcpOffset);
        Signals.Note(2, old.HeaderLength, read.HeaderLength);
    }

    private static int TcpOptionsEnd(SlowPacket old, byte[] before) => Math.Min(old.End, before.Length);

    /// <summary>NOPs come and go, and SACK may be given up; everything else stays in its order.</summary>
    private static void CheckOptions(Edit edit, byte[] before, SlowPacket old, byte[] after, SlowPacket read)
    {
        List<string> kept = Others(edit, before, old);
        List<string> there = Others(edit, after, read);
        Check.Equal(string.Join(' ', kept), string.Join(' ', there));
        switch (edit.Operation)
        {
            case Edit.InsertAo:
                Check.Equal(edit.Parameter, read.Ao?.Length - 4);
                Check.Equal(edit.Place, read.TcpOffset + read.Ao!.Value.Offset);
                Check.Equal(edit.KeyId, after[edit.Place + 2]);
                Check.Equal(edit.RNextKeyId, after[edit.Place + 3]);
                break;
            case Edit.InsertMd5:
                Check.Equal(edit.Place, read.TcpOffset + read.Md5!.Value.Offset);
                break;
            case Edit.Remove or Edit.Blank:
                Check.That(!OptionsOf(after, read).Exists(option => option.Kind == edit.Kind), "the option is gone");
                break;
            case Edit.SetMss when edit.IsDone:
                Check.That(TcpPacketEditor.TryGetMss(after, after.Length, out ushort mss) && mss == edit.Mss, "the MSS is what was set");
                break;
            default:
                break;
        }
    }

    private static List<SlowOption> OptionsOf(byte[] packet, SlowPacket read) =>
        SlowOption.ReadList(packet[(read.TcpOffset + 20)..(read.TcpOffset + read.HeaderLength)]).Options;

    private static List<string> Others(Edit edit, byte[] packet, SlowPacket read)
    {
        List<string> others = [];
        foreach (SlowOption option in OptionsOf(packet, read))
        {
            bool isEdited = option.Kind == Nop || (edit.Operation is Edit.InsertAo or Edit.InsertMd5 && option.Kind is Sack or Edit.Ao or Edit.Md5)
                || (edit.Operation is Edit.Remove or Edit.Blank && option.Kind == edit.Kind)
                || (edit.Operation == Edit.SetMss && option.Kind == (int)TcpOptionKind.MaximumSegmentSize);
            if (!isEdited)
            {
                others.Add(Convert.ToHexStringLower(packet, read.TcpOffset + 20 + option.Offset, option.Length));
            }
        }

        return others;
    }
}
