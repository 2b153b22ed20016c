using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>How a rule asks for the ports of one end: not at all, by value under a mask (the value is in the set's key), or by a range (in the rule itself).</summary>
internal readonly record struct NftPortTest(ushort Mask, ushort Low, ushort High)
{
    /// <summary>Every port passes; nothing is in the key.</summary>
    public static NftPortTest Any => default;

    /// <summary>The port, masked, is in the key.</summary>
    public bool IsInKey => Mask != 0;

    /// <summary>The rule compares with both ends of a range.</summary>
    public bool IsRange => Mask == 0 && High != 0;

    public bool IsAny => this == default;

    public static NftPortTest From(PortMatch ports, out ushort value)
    {
        value = 0;
        if (ports.IsAny)
        {
            return Any;
        }

        Span<PortBlock> blocks = stackalloc PortBlock[PortMatch.MaxBlocks];
        int count = ports.GetBlocks(blocks);
        if (count == 1)
        {
            value = blocks[0].Value;
            return new NftPortTest(blocks[0].Mask, 0, 0);
        }

        // a range comes apart into rising neighbours
        return new NftPortTest(0, blocks[0].Value, (ushort)(blocks[count - 1].Value | ~blocks[count - 1].Mask));
    }
}
