using TcpAo.Fuzz.Oracle;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary>One call of <see cref="TcpPacketEditor"/>.</summary>
/// <param name="operation">Which one.</param>
/// <param name="parameter">Length of the MAC, kind of the option or half of the MSS.</param>
internal sealed class Edit(byte operation, byte parameter)
{
    public const byte InsertAo = 0;
    public const byte InsertMd5 = 1;
    public const byte Remove = 2;
    public const byte Blank = 3;
    public const byte SetMss = 4;
    public const byte Rewrite = 5;

    public const int Ao = 29;
    public const int Md5 = 19;

    public byte Operation { get; } = operation;

    /// <summary>Length of the MAC.</summary>
    public int Parameter { get; } = parameter % 48;

    /// <summary>What is removed or blanked; neither end of list nor NOP.</summary>
    public int Kind { get; } = Math.Max((byte)2, parameter);

    public ushort Mss { get; } = (ushort)(parameter * 257);

    public byte KeyId => 61;

    public byte RNextKeyId => 84;

    /// <summary>Where an option was put.</summary>
    public int Place { get; private set; }

    /// <summary>Whether <see cref="SetMss"/> found an MSS.</summary>
    public bool IsDone { get; private set; }

    public DropReason Apply(Span<byte> buffer, ref int length)
    {
        int place;
        switch (Operation)
        {
            case InsertAo:
                DropReason reason = TcpPacketEditor.InsertAo(buffer, ref length, Parameter, KeyId, RNextKeyId, out place);
                Place = place;
                return Finish(reason, buffer, length, place + 4, Parameter);
            case InsertMd5:
                reason = TcpPacketEditor.InsertMd5(buffer, ref length, out place);
                Place = place;
                return Finish(reason, buffer, length, place + 2, 16);
            case Remove:
                return TcpPacketEditor.RemoveOption(buffer, ref length, (TcpOptionKind)Kind);
            case Blank:
                return TcpPacketEditor.BlankOption(buffer, length, (TcpOptionKind)Kind);
            case SetMss:
                IsDone = TcpPacketEditor.SetMss(buffer, length, Mss);
                return IsDone ? DropReason.None : TcpPacket.TryParse(buffer[..length], out _);
            default:
                // checksums are made wrong and right again: both laws of a right one hold if it was
                DropReason parsed = TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
                bool wasRight = InternetChecksum.VerifyTcp(packet);
                return parsed == DropReason.None && wasRight ? TcpPacketEditor.RewriteTcpChecksum(buffer, length) : parsed;
        }
    }

    /// <summary>Whether the length of the packet in the buffer is set anew, link padding cut.</summary>
    public bool ChangesLength(byte[] before, SlowPacket old) => Operation switch
    {
        InsertAo or InsertMd5 => true,
        Remove => SlowOption.ReadList(before[(old.TcpOffset + 20)..(old.TcpOffset + old.HeaderLength)]).Options.Exists(option => option.Kind == Kind),
        _ => false,
    };

    /// <summary>Writes a MAC over the zeros, as the engine does.</summary>
    private static DropReason Finish(DropReason reason, Span<byte> buffer, int length, int place, int count)
    {
        if (reason != DropReason.None)
        {
            Check.Equal(4, Math.Max(4, place), "the place after a refusal");
            return reason;
        }

        for (int i = 0; i < count; i++)
        {
            Check.Equal((byte)0, buffer[place + i]);
            buffer[place + i] = (byte)((i * 73) + count);
        }

        return TcpPacketEditor.FinishChecksum(buffer, length);
    }
}
